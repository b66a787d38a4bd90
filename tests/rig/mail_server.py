"""An SMTP server that keeps the mails it receives."""

import asyncio
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.rig.ports import HOST, free_port

DEADLINE_SECONDS = 30.0


class MailServer:
    """The handler of an SMTP server in a thread."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mails: list[EmailMessage] = []
        """The accepted mails, oldest first."""
        self.refuses = False
        """Whether the server refuses every mail."""
        self.logins: list[object] = []
        """Everything that clients sent to sign in."""
        self._changed = threading.Condition()

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail, or refuse it."""
        if self.refuses:
            return "554 refused"
        with self._changed:
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
            self._changed.notify_all()
        return "250 accepted"

    def authenticate(self, *arguments: object) -> AuthResult:
        """Accept every sign-in and keep what the client sent."""
        self.logins.append(arguments[-1])
        return AuthResult(success=True)

    async def mail_to(self, address: str, number: int = 1) -> EmailMessage:
        """Wait until ``number`` mails to ``address`` were accepted, and return the last of them."""

        def wait() -> EmailMessage:
            with self._changed:
                assert self._changed.wait_for(lambda: len(self._to(address)) >= number, DEADLINE_SECONDS)
                return self._to(address)[number - 1]

        return await asyncio.to_thread(wait)

    def _to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["to"] == address]


@contextmanager
def running_mail_server() -> Generator[MailServer]:
    """Run a mail server on a free port of this machine while the context is open."""
    handler = MailServer()
    controller = Controller(
        handler, HOST, handler.port, authenticator=handler.authenticate, auth_require_tls=False, ready_timeout=30
    )
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()


def link_in(mail: EmailMessage) -> str:
    """Return the only link with a secret in the plain text of a mail."""
    [link] = re.findall(r"https?://\S+#\S+", text_of(mail))
    return link


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """Return the plain or HTML text of a mail."""
    body = mail.get_body((kind,))
    assert body is not None
    return body.get_content()
