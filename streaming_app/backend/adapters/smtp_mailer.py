"""Sends mail by an SMTP server."""

import logging
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

import aiosmtplib

from streaming_app.backend.accounts.mails import Mail
from streaming_app.backend.failure_causes import cause_of

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 20
_DEFAULT_PORTS = {"smtp": 587, "smtps": 465}


class MailServerError(Exception):
    """The mail server cannot be used. The message is for operators, and contains no password."""


def _client(url: str, timeout_seconds: float) -> aiosmtplib.SMTP:
    parts = urlsplit(url)
    username, password = unquote(parts.username or "") or None, unquote(parts.password or "") or None
    return aiosmtplib.SMTP(
        hostname=parts.hostname,
        port=parts.port or _DEFAULT_PORTS[parts.scheme],
        use_tls=parts.scheme == "smtps",
        start_tls=True if username and parts.scheme == "smtp" else None,
        username=username,
        password=password,
        timeout=timeout_seconds,
    )


async def check_mail_server(url: str, timeout_seconds: float) -> None:
    """Connect to the server and sign in, without sending a mail. Raises ``MailServerError``."""
    try:
        async with _client(url, timeout_seconds):
            pass
    except aiosmtplib.SMTPAuthenticationError:
        raise MailServerError("The mail server refuses the user name or password in SMTP_URL.") from None
    except (aiosmtplib.SMTPException, OSError) as failed:
        raise MailServerError(f"The mail server does not answer: {_cause_of(failed)}.") from None


class SmtpMailer:
    """Implements ``accounts.ports.Mailer`` for the server at ``url``.

    The scheme ``smtps`` means TLS from the start. ``smtp`` uses STARTTLS if the server offers it, and always before it
    sends a password.
    """

    def __init__(self, url: str, sender: str) -> None:
        self._url = url
        self._sender = sender

    async def send(self, to: str, mail: Mail) -> bool:
        """Send ``mail``, and return whether the server accepted it. A failure is logged without its content."""
        try:
            async with _client(self._url, TIMEOUT_SECONDS) as client:
                await client.send_message(self._message(to, mail))
        except (aiosmtplib.SMTPException, OSError) as failed:
            log.error("A mail (%s) could not be sent: %s", mail.subject, _cause_of(failed))  # noqa: TRY400 - one line
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


def _cause_of(failure: Exception) -> str:
    match failure:
        case aiosmtplib.SMTPAuthenticationError():
            return "it refuses the user name or password"
        case aiosmtplib.SMTPRecipientsRefused() | aiosmtplib.SMTPSenderRefused():
            return "it refuses the sender or the recipient"
        case aiosmtplib.SMTPResponseException(code=code):
            return f"it answers with the code {code}"
        case aiosmtplib.SMTPServerDisconnected():
            return "the connection was lost"
        case _:
            return cause_of(failure)
