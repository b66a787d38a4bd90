"""Registration by mail, the links in mails, and the email in the settings."""

import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import AnyHttpUrl, SecretStr
from reflex.event import EventSpec

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend, now, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import ForbiddenError
from streaming_app.backend.streams.model import Publisher
from streaming_app.state import services
from streaming_app.state.account_forms import RegisterState
from streaming_app.state.email_link import EmailLinkState
from streaming_app.state.email_settings import EmailSettings
from streaming_app.state.registration_link import RegistrationLinkState
from tests.rig.mail_server import MailServer, link_in, running_mail_server
from tests.rig.password_hashing import with_quick_hashes
from tests.rig.ports import HOST
from tests.state.conftest import PASSWORD, Tab

SETTINGS_PAGE = "http://site.test/settings/email"

Submit = Callable[..., AsyncIterator[EventSpec | None]]


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
async def mailing(tmp_path: Path, mail_server: MailServer) -> AsyncIterator[Backend]:
    """A site that sends mail, and requires confirmed emails."""
    settings = Settings(
        data_dir=tmp_path / "mailing",
        public_url=AnyHttpUrl("http://site.test"),
        smtp_url=SecretStr(f"smtp://{HOST}:{mail_server.port}"),
        mail_from="site@example.com",
        require_confirmed_email=True,
        supervise=frozenset(),
    )
    async with open_backend(with_quick_hashes(settings)) as backend:
        with services.using(backend):
            yield backend


async def submit(handler: Submit, state: object, **form: str) -> str:
    """Submit a form and return the last event for the browser."""
    last = None
    async for event in handler(state, form):
        last = event
    return str(last)


async def follow(state: EmailLinkState) -> None:
    async for _ in EmailLinkState.follow.fn(state):
        pass


def newest_secret(backend: Backend, email: str) -> str:
    """Return the secret in the newest mail to ``email`` in the development mailbox."""
    assert backend.mailbox is not None
    text = next(kept.mail.text for kept in backend.mailbox.mails() if kept.to == email)
    [secret] = re.findall(r"#([\w-]+)", text)
    return secret


async def test_a_registration_by_mail_ends_signed_in(mailing: Backend, mail_server: MailServer) -> None:
    form = await Tab("http://site.test/register").state(RegisterState)
    await RegisterState.show.fn(form)
    assert form.step == "mail"

    sent = await submit(RegisterState.submit.fn, form, username="Ana", email=" ana@example.com ", password="")
    assert (form.sent_to, form.pending, "redeemTicket" in sent) == ("ana@example.com", False, False)

    tab = Tab("http://site.test/finish-registration")
    state = await tab.state(RegistrationLinkState)
    secret = link_in(await mail_server.mail_to("ana@example.com")).partition("#")[2]
    await RegistrationLinkState.check_link.fn(state, secret)
    assert (state.email, state.username, state.invalid) == ("ana@example.com", "Ana", "")
    await submit(RegistrationLinkState.submit.fn, state, username="Ana", password="short")  # noqa: S106 - refused
    assert "8 characters" in state.errors.password
    sent = await submit(RegistrationLinkState.submit.fn, state, username="Ana", password=PASSWORD)

    assert "redeemTicket" in sent
    assert secret not in tab.shown()
    user = await mailing.store.users.get_by_login("ana")
    assert user.email_confirmed_at
    assert (await mailing.channels.get_or_create(user)).slug == "ana"


async def test_a_registration_by_mail_shows_errors_at_the_fields(mailing: Backend) -> None:
    form = await Tab("http://site.test/register").state(RegisterState)

    await submit(RegisterState.submit.fn, form, username="a", email="ana", password="")

    assert form.errors.username
    assert form.errors.email
    assert form.sent_to == ""


@pytest.mark.parametrize("secret", ["", "unknown", "x" * 100_000])
async def test_invalid_links_say_so(backend: Backend, secret: str) -> None:
    registration = await Tab().state(RegistrationLinkState)
    link = await Tab().state(EmailLinkState)

    await RegistrationLinkState.check_link.fn(registration, secret)
    await EmailLinkState.check_link.fn(link, secret)
    await follow(link)

    assert "no longer valid" in registration.invalid
    assert "no longer valid" in link.invalid
    assert not link.is_done


async def test_an_email_is_confirmed_by_the_link(backend: Backend, ana: User, ana_token: str) -> None:
    settings = await Tab(SETTINGS_PAGE, ana_token).state(EmailSettings)
    await EmailSettings.open.fn(settings)
    assert (settings.email, settings.is_unconfirmed, settings.uses_mailbox) == (ana.email, True, True)
    assert "on its way" in str(await EmailSettings.send_confirmation.fn(settings))
    await backend.mails.wait_until_sent()

    tab = Tab("http://site.test/confirm-email")
    state, secret = await tab.state(EmailLinkState), newest_secret(backend, ana.email)
    await EmailLinkState.check_link.fn(state, secret)
    assert (state.kind, state.email, state.username, state.is_done) == ("confirm", ana.email, "Ana", False)
    await follow(state)

    assert state.is_done
    assert secret not in tab.shown()
    await EmailSettings.open.fn(settings)
    assert settings.is_confirmed
    assert "confirmed already" in str(await EmailSettings.send_confirmation.fn(settings))


async def test_a_change_of_the_email_needs_a_recent_authentication(
    backend: Backend, ana: User, ana_token: str, store_file: Path
) -> None:
    with closing(sqlite3.connect(store_file, isolation_level=None)) as database:
        database.execute("UPDATE sessions SET created_at = created_at - 3600000")
    settings = await Tab(SETTINGS_PAGE, ana_token).state(EmailSettings)

    sent = await submit(EmailSettings.change.fn, settings, email="new@example.com")

    assert "/confirm?next=/settings/email" in sent
    assert settings.sent_to == ""
    assert backend.mailbox is not None
    assert backend.mailbox.mails() == []


async def test_an_email_is_changed_by_the_link(backend: Backend, ana: User, ana_token: str) -> None:
    settings = await Tab(SETTINGS_PAGE, ana_token).state(EmailSettings)

    await submit(EmailSettings.change.fn, settings, email="ana@example.com")
    assert "already" in settings.error
    await submit(EmailSettings.change.fn, settings, email="new@example.com")
    assert (settings.error, settings.sent_to) == ("", "new@example.com")
    await backend.mails.wait_until_sent()
    state = await Tab().state(EmailLinkState)
    await EmailLinkState.check_link.fn(state, newest_secret(backend, "new@example.com"))
    await follow(state)

    assert (state.kind, state.is_done) == ("change", True)
    assert (await backend.store.users.get(ana.user_id)).email == "new@example.com"


async def test_signed_out_users_see_no_email_and_send_no_mail(backend: Backend, ana: User) -> None:
    settings = await Tab(SETTINGS_PAGE).state(EmailSettings)

    await EmailSettings.open.fn(settings)
    await EmailSettings.send_confirmation.fn(settings)
    await submit(EmailSettings.change.fn, settings, email="new@example.com")
    await backend.mails.wait_until_sent()

    assert settings.email == ""
    assert backend.mailbox is not None
    assert backend.mailbox.mails() == []


async def test_a_user_without_a_confirmed_email_neither_chats_nor_streams_if_that_is_required(
    mailing: Backend,
) -> None:
    ana = User("u-ana", "Ana", "ana@example.com", "no hash", now())
    await mailing.store.users.add(ana)
    channel = await mailing.channels.get_or_create(ana)
    secret = (await mailing.channels.stream_key(ana.user_id)).partition("=")[2]

    with pytest.raises(ForbiddenError, match="Confirm your email first"):
        await mailing.chat.post(channel.channel_id, ana.user_id, "hello")
    with pytest.raises(ForbiddenError, match="Confirm your email first"):
        await mailing.streams.start(channel.channel_id, secret, Publisher("1", "192.0.2.1", "OBS"))

    await mailing.store.users.confirm_email(ana.user_id, ana.email, ana.created_at)
    assert await mailing.streams.start(channel.channel_id, secret, Publisher("1", "192.0.2.1", "OBS"))
