"""Password reset links by mail, through a real SMTP server."""

import logging
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from streaming_app.backend.accounts.mails import Mail, password_changed_mail
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.password_service import MAILED_LINK_LIFETIME
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.smtp_mailer import SmtpMailer
from streaming_app.backend.adapters.sqlite import open_store
from streaming_app.backend.errors import InvalidError, NotFoundError, RateLimitedError
from tests.rig.mail_server import MailServer, running_mail_server, text_of
from tests.unit.accounts.test_password_service import ADDRESS, NEW, OLD, TRIES, Site

SENDER = "My site <noreply@live.example.com>"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
async def site(server: MailServer) -> AsyncIterator[Site]:
    async with open_store(":memory:") as store:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER)
        yield Site(store, LocalBus(lambda: datetime.now(UTC)), mailer=mailer)


@pytest.fixture
async def ann(site: Site) -> User:
    return await site.accounts.register(Registration("Ann", "Ann@example.com", OLD), ADDRESS)


def secret_in(text: str) -> str:
    [secret] = re.findall(r"https://live\.example\.com/reset-password#([\w-]+)", text)
    return secret


async def test_a_reset_link_is_mailed_and_sets_the_password(site: Site, server: MailServer, ann: User) -> None:
    await site.passwords.request_reset_link(" ann@EXAMPLE.com ", ADDRESS)
    mail = await server.mail_to("Ann@example.com")

    assert (mail["from"], mail["to"], mail["auto-submitted"]) == (SENDER, "Ann@example.com", "auto-generated")
    assert mail["subject"] == "Set a new password - streaming_app"
    assert secret_in(text_of(mail)) == secret_in(text_of(mail, "html"))
    assert "Hello Ann," in text_of(mail)
    await site.passwords.reset(secret_in(text_of(mail)), NEW, ADDRESS)
    assert await site.sign_in(NEW)
    assert ann.email == "Ann@example.com"


async def test_a_mailed_link_expires_after_an_hour(site: Site, server: MailServer, ann: User) -> None:
    await site.passwords.request_reset_link(ann.email, ADDRESS)
    secret = secret_in(text_of(await server.mail_to("Ann@example.com")))

    site.now += MAILED_LINK_LIFETIME

    with pytest.raises(NotFoundError):
        await site.passwords.reset(secret, NEW, ADDRESS)


async def test_an_unknown_email_gets_no_mail_and_the_same_answer(site: Site, server: MailServer, ann: User) -> None:
    await site.passwords.request_reset_link("nobody@example.com", ADDRESS)
    await site.mails.wait_until_sent()
    await site.passwords.request_reset_link(ann.email, ADDRESS)

    assert (await server.mail_to("Ann@example.com"))["to"] == ann.email
    assert len(server.mails) == 1


@pytest.mark.parametrize("email", ["", "ann", "ann@example.com\nBcc: bob@example.com"])
async def test_an_invalid_email_is_refused(site: Site, email: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await site.passwords.request_reset_link(email, ADDRESS)

    assert refused.value.field == "email"


async def test_requests_from_one_address_are_limited(site: Site) -> None:
    for number in range(TRIES):
        await site.passwords.request_reset_link(f"nobody{number}@example.com", ADDRESS)

    with pytest.raises(RateLimitedError):
        await site.passwords.request_reset_link("nobody@example.com", ADDRESS)
    await site.passwords.request_reset_link("nobody@example.com", "198.51.100.1")


async def test_mails_to_one_account_are_limited_without_a_different_answer(
    site: Site, server: MailServer, ann: User
) -> None:
    for number in range(TRIES + 2):
        await site.passwords.request_reset_link(ann.email, f"198.51.100.{number}")
    await site.mails.wait_until_sent()

    assert len(server.mails) == TRIES


async def test_a_changed_password_is_announced_by_mail(site: Site, server: MailServer, ann: User) -> None:
    await site.passwords.change(ann, OLD, NEW, ADDRESS)
    mail = await server.mail_to("Ann@example.com")

    assert mail["subject"] == "Your password was changed - streaming_app"
    assert "https://live.example.com/forgot-password" in text_of(mail)
    assert NEW not in mail.as_string()


async def test_a_refused_mail_is_logged_without_address_or_link(
    site: Site, server: MailServer, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    server.refuses = True

    with caplog.at_level(logging.ERROR):
        await site.passwords.request_reset_link(ann.email, ADDRESS)
        await site.mails.wait_until_sent()

    assert "could not be sent" in caplog.text
    assert "example.com" not in caplog.text
    assert "#" not in caplog.text


async def test_a_mail_server_that_does_not_answer_is_logged(
    server: MailServer, ann: User, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    mail_free_port = SmtpMailer("smtp://127.0.0.1:1", SENDER)

    assert not await mail_free_port.send(ann.email, _any_mail())

    assert "could not be sent" in caplog.text
    assert server.mails == []
    assert site.mails.reach_users


async def test_a_password_is_never_sent_without_tls(server: MailServer, ann: User) -> None:
    mailer = SmtpMailer(f"smtp://user:secret%20word@127.0.0.1:{server.port}", SENDER)

    assert not await mailer.send(ann.email, _any_mail())

    assert server.logins == []
    assert server.mails == []


def _any_mail() -> Mail:
    return password_changed_mail("Ann", "https://live.example.com/forgot-password", ended_tokens=True)
