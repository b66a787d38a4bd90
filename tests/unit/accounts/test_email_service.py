"""Confirming, changing and restoring the email of an account."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.email_service import EmailService
from streaming_app.backend.accounts.mail_links import LINK_LIFETIME, REVERT_LIFETIME, MailLinkKind
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.sqlite import open_store
from streaming_app.backend.errors import (
    BusUnavailableError,
    ConflictError,
    InvalidError,
    NotFoundError,
    NotSignedInError,
    RateLimitedError,
    TakenError,
)
from streaming_app.backend.rate_limit import RateLimit
from tests.rig.audit import audit_log_of
from tests.rig.faults import Faults, for_each_fault
from tests.unit.accounts.mail_site import URL, MailSite
from tests.unit.accounts.test_password_service import ADDRESS, NEW, OLD, TRIES

OLD_EMAIL, NEW_EMAIL, LAST_EMAIL = "ann@example.com", "new@example.com", "last@example.com"


@pytest.fixture
async def site() -> AsyncIterator[MailSite]:
    async with open_store(":memory:") as store:
        yield MailSite(store, LocalBus(lambda: datetime.now(UTC)))


@pytest.fixture
async def unconfirmed(site: MailSite) -> User:
    """Ann, with an email that was never confirmed."""
    return await site.accounts.register(Registration("Ann", OLD_EMAIL, OLD), ADDRESS)


@pytest.fixture
async def ann(site: MailSite, unconfirmed: User) -> User:
    """Ann, with a confirmed email."""
    await site.store.users.confirm_email(unconfirmed.user_id, OLD_EMAIL, site.now)
    return await site.user()


async def change(site: MailSite, user: User, email: str) -> User:
    """Ask for another email and confirm it."""
    await site.emails.request_change(user, email)
    await site.emails.follow_link(await site.secret_to(email), ADDRESS)
    return await site.user()


async def test_a_link_confirms_the_email(site: MailSite, unconfirmed: User) -> None:
    assert site.emails.should_confirm(unconfirmed)
    await site.emails.send_confirmation(unconfirmed)
    secret = await site.secret_to(OLD_EMAIL)
    link, user = await site.emails.open_link(secret)

    assert (link.kind, link.email, user) == (MailLinkKind.CONFIRM, OLD_EMAIL, unconfirmed)
    assert await site.emails.follow_link(secret, ADDRESS) is MailLinkKind.CONFIRM

    confirmed = await site.user()
    assert confirmed == replace(unconfirmed, email_confirmed_at=site.now)
    assert not site.emails.should_confirm(confirmed)
    with pytest.raises(NotFoundError, match="no longer valid"):
        await site.emails.follow_link(secret, ADDRESS)
    with pytest.raises(ConflictError, match="confirmed already"):
        await site.emails.send_confirmation(confirmed)


async def test_a_link_for_a_former_email_confirms_nothing(site: MailSite, unconfirmed: User) -> None:
    await site.emails.send_confirmation(unconfirmed)
    secret = await site.secret_to(OLD_EMAIL)
    await site.store.users.replace_email(unconfirmed.user_id, OLD_EMAIL, NEW_EMAIL, site.now)

    with pytest.raises(NotFoundError):
        await site.emails.follow_link(secret, ADDRESS)


async def test_confirmations_are_limited(site: MailSite, unconfirmed: User) -> None:
    for _ in range(TRIES):
        await site.emails.send_confirmation(unconfirmed)

    with pytest.raises(RateLimitedError):
        await site.emails.send_confirmation(unconfirmed)


async def test_a_new_email_is_used_after_it_was_confirmed_and_all_sessions_end(site: MailSite, ann: User) -> None:
    token = await site.sign_in(OLD)
    assert await site.emails.request_change(ann, f" {NEW_EMAIL} ") == NEW_EMAIL
    secret = await site.secret_to(NEW_EMAIL)
    assert (await site.user()).email == OLD_EMAIL

    assert await site.emails.follow_link(secret, ADDRESS) is MailLinkKind.CHANGE

    changed = await site.user()
    assert (changed.email, changed.email_confirmed_at) == (NEW_EMAIL, site.now)
    with pytest.raises(NotSignedInError):
        await site.accounts.sessions.verify(token)
    assert await site.sign_in(OLD)
    assert "email_changed" in await site.audit_actions()
    with pytest.raises(NotFoundError):
        await site.emails.follow_link(secret, ADDRESS)


async def test_a_reset_link_for_the_former_email_is_not_valid_after_the_change(site: MailSite, ann: User) -> None:
    reset = await site.passwords.create_reset_secret("ann")

    await change(site, ann, NEW_EMAIL)

    with pytest.raises(NotFoundError):
        await site.passwords.reset(reset, NEW, ADDRESS)


async def test_the_present_email_gets_a_notice_first_and_its_link_cancels_the_change(site: MailSite, ann: User) -> None:
    await site.emails.request_change(ann, NEW_EMAIL)
    notice, link = await site.secret_to(OLD_EMAIL), await site.secret_to(NEW_EMAIL)
    assert [kept.to for kept in reversed(site.mailbox.mails())] == [OLD_EMAIL, NEW_EMAIL]
    assert NEW_EMAIL in (await site.mails_to(OLD_EMAIL))[0].mail.text

    assert await site.emails.follow_link(notice, ADDRESS) is MailLinkKind.REVERT

    with pytest.raises(NotFoundError):
        await site.emails.follow_link(link, ADDRESS)
    assert await site.user() == ann


async def test_the_former_email_is_restored_for_some_days(site: MailSite, ann: User) -> None:
    await change(site, ann, NEW_EMAIL)
    notice = await site.secret_to(OLD_EMAIL)
    thief = await site.sign_in(OLD)

    site.now += REVERT_LIFETIME - timedelta(seconds=1)
    await site.emails.follow_link(notice, ADDRESS)

    assert (await site.user()).email == OLD_EMAIL
    with pytest.raises(NotSignedInError):
        await site.accounts.sessions.verify(thief)


async def test_the_former_email_is_not_restored_later(site: MailSite, ann: User) -> None:
    await change(site, ann, NEW_EMAIL)

    site.now += REVERT_LIFETIME

    with pytest.raises(NotFoundError):
        await site.emails.follow_link(await site.secret_to(OLD_EMAIL), ADDRESS)


async def test_the_first_email_is_restored_after_several_changes(site: MailSite, ann: User) -> None:
    thief = await change(site, ann, NEW_EMAIL)
    site.now += timedelta(minutes=1)
    await change(site, thief, LAST_EMAIL)
    thiefs_notice = await site.secret_to(NEW_EMAIL)

    await site.emails.follow_link(await site.secret_to(OLD_EMAIL), ADDRESS)

    assert (await site.user()).email == OLD_EMAIL
    with pytest.raises(NotFoundError):
        await site.emails.follow_link(thiefs_notice, ADDRESS)


async def test_a_thief_who_restores_their_email_does_not_lock_the_owner_out(site: MailSite, ann: User) -> None:
    thief = await change(site, ann, NEW_EMAIL)
    site.now += timedelta(minutes=1)
    await change(site, thief, LAST_EMAIL)

    await site.emails.follow_link(await site.secret_to(NEW_EMAIL), ADDRESS)
    await site.emails.follow_link(await site.secret_to(OLD_EMAIL), ADDRESS)

    assert (await site.user()).email == OLD_EMAIL


async def test_an_email_that_was_never_confirmed_gets_a_notice_without_a_link(
    site: MailSite, unconfirmed: User
) -> None:
    await change(site, unconfirmed, NEW_EMAIL)

    [notice] = await site.mails_to(OLD_EMAIL)
    assert "#" not in notice.mail.text
    assert "Sign in and change it now." in notice.mail.text


async def test_only_the_newest_link_changes_the_email(site: MailSite, ann: User) -> None:
    await site.emails.request_change(ann, NEW_EMAIL)
    first = await site.secret_to(NEW_EMAIL)
    await site.emails.request_change(ann, LAST_EMAIL)
    await site.mails.wait_until_sent()

    with pytest.raises(NotFoundError):
        await site.emails.follow_link(first, ADDRESS)
    await site.emails.follow_link(await site.secret_to(LAST_EMAIL), ADDRESS)


async def test_a_link_expires(site: MailSite, ann: User) -> None:
    await site.emails.request_change(ann, NEW_EMAIL)
    secret = await site.secret_to(NEW_EMAIL)

    site.now += LINK_LIFETIME

    with pytest.raises(NotFoundError):
        await site.emails.follow_link(secret, ADDRESS)


async def test_the_email_of_another_account_gets_the_same_answer_and_its_owner_a_mail(
    site: MailSite, ann: User
) -> None:
    bob = await site.register("Bob", "bob@example.com")

    assert await site.emails.request_change(ann, bob.email) == bob.email

    notice = (await site.mails_to(bob.email))[-1]
    assert notice.mail.subject == "You already have an account - streaming_app"
    assert "#" not in notice.mail.text


async def test_of_two_users_who_confirm_the_same_email_one_gets_it(site: MailSite, ann: User) -> None:
    bob = await site.register("Bob", "bob@example.com")
    await site.emails.request_change(ann, NEW_EMAIL)
    anns = await site.secret_to(NEW_EMAIL)
    await site.emails.request_change(bob, NEW_EMAIL)
    bobs = await site.secret_to(NEW_EMAIL)

    answers = await asyncio.gather(
        *(site.emails.follow_link(secret, ADDRESS) for secret in (anns, bobs)), return_exceptions=True
    )

    assert sum(isinstance(answer, TakenError) for answer in answers) == 1
    assert answers.count(MailLinkKind.CHANGE) == 1


@pytest.mark.parametrize("email", ["", "ann", OLD_EMAIL, " ANN@EXAMPLE.COM "])
async def test_an_email_that_is_invalid_or_the_same_is_refused(site: MailSite, ann: User, email: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await site.emails.request_change(ann, email)

    assert refused.value.field == "email"


async def test_changes_are_limited(site: MailSite, ann: User) -> None:
    for number in range(TRIES):
        await site.emails.request_change(ann, f"{number}@example.com")

    with pytest.raises(RateLimitedError):
        await site.emails.request_change(ann, NEW_EMAIL)


async def test_a_site_without_mail_says_so(site: MailSite, unconfirmed: User) -> None:
    limit = RateLimit(TRIES, timedelta(hours=1), lambda: 0.0, "Too many.")
    log, users, links = audit_log_of(site.store, site.clock), site.store.users, site.store.mail_links
    emails = EmailService(users, links, site.bus, site.clock, limit, AccountMails(None, URL), log)

    assert not emails.should_confirm(unconfirmed)
    with pytest.raises(ConflictError, match="sends no mail"):
        await emails.request_change(unconfirmed, NEW_EMAIL)
    with pytest.raises(ConflictError, match="sends no mail"):
        await emails.send_confirmation(unconfirmed)


@pytest.mark.parametrize("secret", ["", "unknown"])
async def test_an_unknown_link_is_refused(site: MailSite, secret: str) -> None:
    with pytest.raises(NotFoundError):
        await site.emails.follow_link(secret, ADDRESS)


async def test_a_link_of_a_registration_changes_no_email(site: MailSite) -> None:
    await site.registration.request("Ann", OLD_EMAIL, ADDRESS)

    with pytest.raises(NotFoundError):
        await site.emails.follow_link(await site.secret_to(OLD_EMAIL), ADDRESS)


@pytest.mark.parametrize("kind", [MailLinkKind.CHANGE, MailLinkKind.REVERT])
async def test_an_interrupted_change_is_repeated(site: MailSite, kind: MailLinkKind) -> None:
    async with AsyncExitStack() as stack:

        async def prepare(faults: Faults) -> MailSite:
            store = await stack.enter_async_context(open_store(":memory:"))
            mailed = MailSite(store, site.bus)
            user = await mailed.register()
            await mailed.emails.request_change(user, NEW_EMAIL)
            if kind is MailLinkKind.REVERT:
                await mailed.emails.follow_link(await mailed.secret_to(NEW_EMAIL), ADDRESS)
            await mailed.mails.wait_until_sent()
            return MailSite(faults.around(store), faults.around(site.bus, BusUnavailableError), mailbox=mailed.mailbox)

        async def follow(world: MailSite) -> None:
            mailed_to = NEW_EMAIL if kind is MailLinkKind.CHANGE else OLD_EMAIL
            await world.emails.follow_link(await world.secret_to(mailed_to), ADDRESS)

        async def check(world: MailSite) -> None:
            assert (await world.user()).email == (NEW_EMAIL if kind is MailLinkKind.CHANGE else OLD_EMAIL)

        await for_each_fault(prepare, follow, check)
