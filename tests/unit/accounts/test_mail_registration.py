"""Registration by a link in a mail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from streaming_app.backend.accounts.mail_links import LINK_LIFETIME
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.sqlite import open_store
from streaming_app.backend.errors import InvalidError, NotFoundError, RateLimitedError, TakenError
from tests.rig.faults import Faults, for_each_fault
from tests.unit.accounts.mail_site import REGISTRATIONS, MailSite
from tests.unit.accounts.test_password_service import ADDRESS, OLD, TRIES

EMAIL = "ann@example.com"


@pytest.fixture
async def site() -> AsyncIterator[MailSite]:
    async with open_store(":memory:") as store:
        yield MailSite(store, LocalBus(lambda: datetime.now(UTC)))


async def test_a_link_in_a_mail_creates_an_account_with_a_confirmed_email(site: MailSite) -> None:
    await site.registration.request(" Ann ", f" {EMAIL} ", ADDRESS)
    secret = await site.secret_to(EMAIL)
    link = await site.registration.open_link(secret)

    assert (link.username, link.email) == ("Ann", EMAIL)
    user = await site.registration.finish(secret, link.username, OLD, ADDRESS)

    assert user == await site.user()
    assert user.email_confirmed_at == site.now
    assert await site.sign_in(OLD)
    assert "registered" in await site.audit_actions()


async def test_there_is_no_account_before_the_link_is_used(site: MailSite) -> None:
    await site.registration.request("Ann", EMAIL, ADDRESS)
    await site.secret_to(EMAIL)

    with pytest.raises(NotFoundError):
        await site.user()
    await site.store.users.check_free("Ann", EMAIL)


async def test_the_owner_of_a_registered_email_gets_a_mail_and_the_visitor_the_same_answer(site: MailSite) -> None:
    ann = await site.register()
    before = len(await site.mails_to(EMAIL))

    assert await site.registration.request("Mallory", "ANN@example.com", ADDRESS) == "ANN@example.com"

    [notice] = (await site.mails_to(ann.email))[before:]
    assert notice.mail.subject == "You already have an account - streaming_app"
    assert "Hello Ann," in notice.mail.text
    assert "Mallory" not in notice.mail.text
    assert "/login" in notice.mail.text
    assert "/forgot-password" in notice.mail.text


async def test_a_taken_username_is_refused_at_once(site: MailSite) -> None:
    await site.register()

    with pytest.raises(TakenError) as refused:
        await site.registration.request("ANN", "other@example.com", ADDRESS)

    assert refused.value.field == "username"
    assert await site.mails_to("other@example.com") == []


async def test_every_wrong_field_is_named(site: MailSite) -> None:
    with pytest.raises(InvalidError) as refused:
        await site.registration.request("a", "ann", ADDRESS)

    assert set(refused.value.fields) == {"username", "email"}


async def test_a_username_that_was_taken_meanwhile_is_replaced_with_the_same_link(site: MailSite) -> None:
    await site.registration.request("Ann", EMAIL, ADDRESS)
    secret = await site.secret_to(EMAIL)
    await site.register("Ann", "first@example.com")

    with pytest.raises(TakenError) as refused:
        await site.registration.finish(secret, "Ann", OLD, ADDRESS)
    assert refused.value.field == "username"
    user = await site.registration.finish(secret, "Ann-2", OLD, ADDRESS)

    assert (user.username, user.email) == ("Ann-2", EMAIL)


async def test_a_password_that_is_easy_to_guess_keeps_the_link_valid(site: MailSite) -> None:
    await site.registration.request("Ann", EMAIL, ADDRESS)
    secret = await site.secret_to(EMAIL)

    for password in ("password123", EMAIL):
        with pytest.raises(InvalidError) as refused:
            await site.registration.finish(secret, "Ann", password, ADDRESS)
        assert refused.value.field == "password"

    assert await site.registration.finish(secret, "Ann", OLD, ADDRESS)


async def test_a_link_creates_one_account_only(site: MailSite) -> None:
    await site.registration.request("Ann", EMAIL, ADDRESS)
    await site.registration.request("Ann", EMAIL, ADDRESS)
    first, second = [mail.mail.text.partition("#")[2].split()[0] for mail in await site.mails_to(EMAIL)]
    await site.registration.finish(first, "Ann", OLD, ADDRESS)

    with pytest.raises(NotFoundError):
        await site.registration.open_link(first)
    with pytest.raises(TakenError, match="Sign in"):
        await site.registration.finish(second, "Bob", OLD, ADDRESS)


async def test_of_simultaneous_uses_of_a_link_one_creates_the_account(site: MailSite) -> None:
    await site.registration.request("Ann", EMAIL, ADDRESS)
    secret = await site.secret_to(EMAIL)

    names = [f"Ann{letter}" for letter in "ABCDE"]
    answers = await asyncio.gather(
        *(site.registration.finish(secret, name, OLD, ADDRESS) for name in names), return_exceptions=True
    )

    assert sum(not isinstance(answer, Exception) for answer in answers) == 1


@pytest.mark.parametrize("secret", ["", "unknown", "\ud800"])
async def test_an_unknown_link_is_refused(site: MailSite, secret: str) -> None:
    with pytest.raises(NotFoundError, match="no longer valid"):
        await site.registration.open_link(secret)


async def test_a_link_expires(site: MailSite) -> None:
    await site.registration.request("Ann", EMAIL, ADDRESS)
    secret = await site.secret_to(EMAIL)

    site.now += LINK_LIFETIME

    with pytest.raises(NotFoundError):
        await site.registration.finish(secret, "Ann", OLD, ADDRESS)


async def test_mails_to_one_email_are_limited_without_a_different_answer(site: MailSite) -> None:
    for number in range(TRIES + 2):
        await site.registration.request(f"Ann{number}", EMAIL, f"198.51.100.{number % 2}")

    assert len(await site.mails_to(EMAIL)) == TRIES


async def test_registrations_from_one_address_are_limited(site: MailSite) -> None:
    for number in range(REGISTRATIONS):
        await site.registration.request(f"Ann{number}", f"{number}@example.com", ADDRESS)

    with pytest.raises(RateLimitedError):
        await site.registration.request("Ann", EMAIL, ADDRESS)


async def test_a_link_of_another_kind_creates_no_account(site: MailSite) -> None:
    bob = await site.accounts.register(Registration("Bob", "bob@example.com", OLD), ADDRESS)
    await site.emails.send_confirmation(bob)

    with pytest.raises(NotFoundError):
        await site.registration.finish(await site.secret_to(bob.email), "Ann", OLD, ADDRESS)


async def test_an_interrupted_registration_is_repeated(site: MailSite) -> None:
    async with AsyncExitStack() as stack:

        async def prepare(faults: Faults) -> MailSite:
            store = await stack.enter_async_context(open_store(":memory:"))
            mailed = MailSite(store, site.bus)
            await mailed.registration.request("Ann", EMAIL, ADDRESS)
            await mailed.mails.wait_until_sent()
            return MailSite(faults.around(store), site.bus, mailbox=mailed.mailbox)

        async def finish(world: MailSite) -> None:
            await world.registration.finish(await world.secret_to(EMAIL), "Ann", OLD, ADDRESS)

        async def check(world: MailSite) -> None:
            assert await world.sign_in(OLD)

        await for_each_fault(prepare, finish, check)
