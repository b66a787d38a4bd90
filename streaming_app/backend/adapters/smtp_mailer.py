"""Sends mail by an SMTP server."""

import logging
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

import aiosmtplib

from streaming_app.backend.accounts.mails import Mail

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 20
_DEFAULT_PORTS = {"smtp": 587, "smtps": 465}


class SmtpMailer:
    """Implements ``accounts.ports.Mailer`` for the server at ``url``.

    The scheme ``smtps`` means TLS from the start. ``smtp`` uses STARTTLS if the server offers it, and always before it
    sends a password.
    """

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender

    async def send(self, to: str, mail: Mail) -> bool:
        """Send ``mail``, and return whether the server accepted it. A failure is logged without its content."""
        url = self._url
        username, password = unquote(url.username or "") or None, unquote(url.password or "") or None
        try:
            await aiosmtplib.send(
                self._message(to, mail),
                hostname=url.hostname,
                port=url.port or _DEFAULT_PORTS[url.scheme],
                use_tls=url.scheme == "smtps",
                start_tls=True if username and url.scheme == "smtp" else None,
                username=username,
                password=password,
                timeout=TIMEOUT_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as failed:
            log.error("A mail (%s) could not be sent: %s", mail.subject, type(failed).__name__)  # noqa: TRY400 - one line
            return False
        return True

    def _message(self, to: str, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, mail.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2].strip(">"))
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message
