"""Two-step sign-in: adding an authenticator app, its codes, and recovery codes, on a real store."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from pyotp.totp import TOTP

from streaming_app.backend.accounts import recovery_codes
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.authenticator_app import KEY_CHANGED
from streaming_app.backend.accounts.authenticator_service import AuthenticatorService
from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.second_step import SecondStepService
from streaming_app.backend.accounts.session_service import SECOND_STEP_LIFETIME
from streaming_app.backend.accounts.wrong_code_notices import INTERVAL, TOLERATED, TOLERATED_REFILL, WrongCodeNotices
from streaming_app.backend.adapters.development_mailbox import DevelopmentMailbox
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.sealing import FernetSeal
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    NotSignedInError,
    RateLimitedError,
    SecondStepNeededError,
)
from streaming_app.backend.rate_limit import RateLimit, limits_in_process
from tests.rig.audit import audit_log_of
from tests.rig.sessions import session_service_of

START = datetime(2026, 11, 28, 12, tzinfo=UTC)
STEP = timedelta(seconds=30)
ANN = User("u-ann", "Ann", "ann@example.com", "hash", START)
BOB = User("u-bob", "Bob", "bob@example.com", "hash", START)
ADDRESS = "192.0.2.1"
TRIES = 3


@dataclass
class Site:
    store: SqliteStore
    now: datetime = START

    def __post_init__(self) -> None:
        store, log = self.store, audit_log_of(self.store, self.clock)
        self.seal = FernetSeal(bytes(32), KEY_CHANGED)
        self.mailbox = DevelopmentMailbox("https://live.example.com", self.clock)
        self.mails = AccountMails(self.mailbox, "https://live.example.com")
        limit = RateLimit(TRIES, timedelta(hours=1), lambda: 0.0, "Too many.")
        apps = store.authenticator_apps
        self.sessions = session_service_of(store, LocalBus(self.clock), self.clock, log)
        self.authenticators = AuthenticatorService(store.users, apps, self.seal, self.clock, limit, log, self.mails)
        self.second_steps = SecondStepService(
            store.users,
            apps,
            store.tickets,
            self.sessions,
            self.seal,
            self.clock,
            limit,
            WrongCodeNotices(self.mails, limits_in_process(self.seconds)),
            KnownBrowsers(bytes(32)),
            log,
            self.mails,
        )

    def clock(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    async def enable(self, user: User = ANN) -> tuple[TOTP, list[str]]:
        """Add an app to the account. Return the app and the recovery codes."""
        app = TOTP(self.authenticators.start_setup(user).secret)
        codes = await self.authenticators.enable(user, app.secret, app.at(self.now), ADDRESS)
        self.now += 2 * STEP
        return app, codes

    async def first_step(self, user: User = ANN) -> str:
        """Do the first step of a sign-in, and return the secret with which it continues."""
        with pytest.raises(SecondStepNeededError) as needed:
            await self.sessions.redeem(await self.sessions.issue_ticket(user))
        return needed.value.secret

    async def audited(self) -> list[str]:
        """Return the actions in the audit log, newest first."""
        return [entry.action for entry in await self.store.audit_log.newest(50)]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_store(":memory:") as store:
        await store.users.add(ANN)
        await store.users.add(BOB)
        yield Site(store)


async def test_without_an_app_one_step_signs_in(site: Site) -> None:
    signed_in = await site.sessions.redeem(await site.sessions.issue_ticket(ANN))

    assert await site.sessions.verify(signed_in.token) == ANN


async def test_with_an_app_nobody_is_signed_in_before_the_code(site: Site) -> None:
    app, _ = await site.enable()
    ticket = await site.sessions.issue_ticket(ANN)

    with pytest.raises(SecondStepNeededError) as needed:
        await site.sessions.redeem(ticket)
    for secret in (ticket, needed.value.secret):
        with pytest.raises(NotSignedInError):
            await site.sessions.redeem(secret)
    assert await site.store.sessions.list_by_user("u-ann", site.now) == []

    code = app.at(site.now)
    signed_in = await site.sessions.redeem(await site.second_steps.finish(needed.value.secret, code, ADDRESS))
    assert signed_in.user == ANN


async def test_the_second_step_needs_the_first_one(site: Site) -> None:
    app, _ = await site.enable()

    for secret in ("", "unknown", await site.sessions.issue_ticket(ANN)):
        with pytest.raises(NotFoundError):
            await site.second_steps.finish(secret, app.at(site.now), ADDRESS)


async def test_the_app_of_one_user_does_not_sign_in_another_one(site: Site) -> None:
    anns_app, anns_codes = await site.enable(ANN)
    await site.enable(BOB)
    secret = await site.first_step(BOB)

    for code in (anns_app.at(site.now), anns_codes[0]):
        with pytest.raises(InvalidError, match="Wrong code"):
            await site.second_steps.finish(secret, code, ADDRESS)


@pytest.mark.parametrize(("late", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_clock_may_be_one_step_ahead_or_behind(site: Site, late: int, *, is_right: bool) -> None:
    app, _ = await site.enable()
    site.now += 4 * STEP
    secret = await site.first_step()
    code = app.at(site.now - late * STEP)

    if is_right:
        assert await site.second_steps.finish(secret, code, ADDRESS)
    else:
        with pytest.raises(InvalidError, match="Wrong code"):
            await site.second_steps.finish(secret, code, ADDRESS)


async def test_a_code_works_once(site: Site) -> None:
    app, _ = await site.enable()
    code = app.at(site.now)
    await site.second_steps.finish(await site.first_step(), code, ADDRESS)

    with pytest.raises(InvalidError, match="used already"):
        await site.second_steps.finish(await site.first_step(), code, ADDRESS)


async def test_the_code_of_the_setup_does_not_sign_in(site: Site) -> None:
    app = TOTP(site.authenticators.start_setup(ANN).secret)
    code = app.at(site.now)
    await site.authenticators.enable(ANN, app.secret, code, ADDRESS)

    with pytest.raises(InvalidError, match="used already"):
        await site.second_steps.finish(await site.first_step(), code, ADDRESS)


async def test_a_code_signs_in_one_of_several_simultaneous_sign_ins(site: Site) -> None:
    app, _ = await site.enable()
    secrets, code = [await site.first_step() for _ in range(TRIES)], app.at(site.now)

    results = await asyncio.gather(
        *(site.second_steps.finish(secret, code, ADDRESS) for secret in secrets), return_exceptions=True
    )

    assert sum(isinstance(result, str) for result in results) == 1
    assert all(isinstance(result, str | InvalidError) for result in results)


async def test_a_recovery_code_signs_in_once_also_in_parallel(site: Site) -> None:
    _, codes = await site.enable()
    secrets = [await site.first_step() for _ in range(TRIES)]

    results = await asyncio.gather(
        *(site.second_steps.finish(secret, codes[3], ADDRESS) for secret in secrets), return_exceptions=True
    )

    [ticket] = [result for result in results if isinstance(result, str)]
    assert (await site.sessions.redeem(ticket)).user == ANN
    app = await site.authenticators.app_of("u-ann")
    assert app is not None
    assert len(app.recovery_code_hashes) == recovery_codes.CODES - 1
    await site.mails.wait_until_sent()
    assert any("9 are left" in kept.mail.text for kept in site.mailbox.mails())


async def test_a_recovery_code_may_be_typed_without_hyphens_and_with_look_alike_letters(site: Site) -> None:
    _, codes = await site.enable()
    typed = codes[0].replace("-", " ").upper().replace("0", "O").replace("1", "l")

    assert await site.second_steps.finish(await site.first_step(), typed, ADDRESS)


async def test_stored_recovery_codes_and_secrets_cannot_be_read(site: Site) -> None:
    app, codes = await site.enable()
    stored = await site.store.authenticator_apps.get("u-ann")

    assert app.secret.encode() not in stored.sealed_secret
    assert not set(codes) & set(stored.recovery_code_hashes)
    assert len(set(codes)) == recovery_codes.CODES
    with pytest.raises(ConflictError, match="SECRET_KEY"):
        FernetSeal(b"x" * 32, KEY_CHANGED).open(stored.sealed_secret)


async def test_wrong_codes_are_limited_for_each_account(site: Site) -> None:
    app, codes = await site.enable()
    await site.enable(BOB)
    for _ in range(TRIES):
        with pytest.raises(InvalidError):
            await site.second_steps.finish(await site.first_step(), "000000", ADDRESS)

    for code in (app.at(site.now), codes[0]):
        with pytest.raises(RateLimitedError):
            await site.second_steps.finish(await site.first_step(), code, "198.51.100.7")
    with pytest.raises(InvalidError):
        await site.second_steps.finish(await site.first_step(BOB), "000000", ADDRESS)
    assert {"sign_in_failed", "sign_in_blocked"} <= set(await site.audited())
    await site.mails.wait_until_sent()
    warned = [kept.to for kept in site.mailbox.mails() if "wrong codes" in kept.mail.subject]
    assert warned == ["ann@example.com"]


async def test_a_wrong_code_does_not_end_the_sign_in(site: Site) -> None:
    app, _ = await site.enable()
    secret = await site.first_step()

    for wrong in ("", " - ", "000000", "nonsense \ud800"):
        with pytest.raises(InvalidError):
            await site.second_steps.finish(secret, wrong, ADDRESS)

    shown = app.at(site.now)
    assert await site.second_steps.finish(secret, f"{shown[:3]} {shown[3:]}", ADDRESS)


async def test_a_sign_in_expires_and_works_once(site: Site) -> None:
    app, codes = await site.enable()
    secret, late = await site.first_step(), await site.first_step()
    await site.second_steps.finish(secret, app.at(site.now), ADDRESS)
    site.now += SECOND_STEP_LIFETIME

    for each in (secret, late):
        with pytest.raises(NotFoundError):
            await site.second_steps.finish(each, codes[0], ADDRESS)


async def test_a_new_password_ends_sign_ins_that_wait_for_their_code(site: Site) -> None:
    app, _ = await site.enable()
    secret = await site.first_step()

    await site.store.users.set_password("u-ann", 0, "new hash")

    with pytest.raises(NotFoundError):
        await site.second_steps.finish(secret, app.at(site.now), ADDRESS)


async def test_a_banned_user_is_refused_at_the_second_step(site: Site) -> None:
    app, _ = await site.enable()
    secret = await site.first_step()
    await site.store.users.set_banned("u-ann", banned=True)

    with pytest.raises(ForbiddenError):
        await site.second_steps.finish(secret, app.at(site.now), ADDRESS)


@pytest.mark.parametrize("code", ["", "000000", "not a code"])
async def test_an_app_is_added_only_with_a_right_code(site: Site, code: str) -> None:
    with pytest.raises(InvalidError):
        await site.authenticators.enable(ANN, site.authenticators.start_setup(ANN).secret, code, ADDRESS)

    assert await site.authenticators.app_of("u-ann") is None


async def test_a_second_app_is_refused(site: Site) -> None:
    app, _ = await site.enable()

    with pytest.raises(ConflictError):
        await site.authenticators.enable(ANN, app.secret, app.at(site.now), ADDRESS)


async def test_new_recovery_codes_replace_the_old_ones(site: Site) -> None:
    _, old = await site.enable()
    new = await site.authenticators.replace_recovery_codes(ANN, ADDRESS)

    with pytest.raises(InvalidError):
        await site.second_steps.finish(await site.first_step(), old[0], ADDRESS)
    assert await site.second_steps.finish(await site.first_step(), new[0], ADDRESS)
    assert "recovery_codes_created" in await site.audited()


async def test_a_removed_app_leaves_the_password_as_the_only_step(site: Site) -> None:
    await site.enable()
    waiting = await site.first_step()
    await site.authenticators.disable(ANN, ADDRESS)
    await site.authenticators.disable(ANN, ADDRESS)

    assert (await site.sessions.redeem(await site.sessions.issue_ticket(ANN))).user == ANN
    with pytest.raises(NotFoundError):
        await site.second_steps.finish(waiting, "000000", ADDRESS)
    audited = await site.audited()
    assert (audited.count("sign_in_method_added"), audited.count("sign_in_method_removed")) == (1, 1)
    await site.mails.wait_until_sent()
    subjects = [kept.mail.subject for kept in site.mailbox.mails()]
    assert [subject.partition(" - ")[0] for subject in subjects] == [
        "An authenticator app was removed from your account",
        "An authenticator app was added to your account",
    ]


async def test_an_operator_removes_the_app_of_a_user_who_has_lost_it(site: Site) -> None:
    await site.enable()

    assert await site.authenticators.disable_by_operator("ann@example.com") == ANN

    assert (await site.sessions.redeem(await site.sessions.issue_ticket(ANN))).user == ANN
    [entry] = [each for each in await site.store.audit_log.newest(9) if each.action == "sign_in_method_removed"]
    assert (entry.actor, entry.target_id) == ("operator (command line)", "u-ann")
    for login in ("ann", "nobody"):
        with pytest.raises(NotFoundError):
            await site.authenticators.disable_by_operator(login)


async def test_a_user_gets_one_mail_a_day_about_several_wrong_codes(site: Site) -> None:
    notices = WrongCodeNotices(site.mails, limits_in_process(site.seconds))

    async def subjects() -> list[str]:
        await site.mails.wait_until_sent()
        return [kept.mail.subject.partition(" - ")[0] for kept in site.mailbox.mails()]

    for _ in range(TOLERATED):
        await notices.count(ANN)
    assert await subjects() == []
    for _ in range(20):
        await notices.count(ANN)
    assert await subjects() == ["Somebody entered wrong codes for your account"]
    await notices.count(BOB)
    site.now += INTERVAL / 2
    for _ in range(20):
        await notices.count(ANN)
    assert len(await subjects()) == 1

    site.now += INTERVAL / 2
    for _ in range(20):
        await notices.count(ANN)

    assert len(await subjects()) == 2
    site.now += TOLERATED * TOLERATED_REFILL + INTERVAL
    await notices.count(ANN)
    assert len(await subjects()) == 2
