"""Registration, sign-in, sessions and sign-out on a real store."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import bcrypt
import pytest

from streaming_app.backend.accounts.cookies import KNOWN_ACCOUNTS_COOKIE, VIEWER_COOKIE
from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.accounts.model import Claims, Session, SignedIn, User
from streaming_app.backend.accounts.service import AccountService, Registration
from streaming_app.backend.accounts.session_service import TICKET_LIFETIME
from streaming_app.backend.accounts.sign_in_limits import AccountLimits
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.passwords import BcryptPasswords
from streaming_app.backend.adapters.session_tokens import AuthXTokens
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.errors import (
    BusyError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    NotSignedInError,
    RateLimitedError,
    TakenError,
)
from streaming_app.backend.events import ACCOUNTS_TOPIC, SessionRevoked
from streaming_app.backend.rate_limit import RateLimit
from tests.rig.audit import audit_log_of
from tests.rig.event_recorder import EventRecorder
from tests.rig.password_hashing import sign_in_priority
from tests.rig.registration import open_gate
from tests.rig.sessions import THIRTY_DAYS, session_service_of

PHRASE = "correct horse"
SESSION_LIFETIME = THIRTY_DAYS.absolute
FAILURES = 4
FAILURE_REFILL = timedelta(seconds=10)
ACCOUNT_FAILURES = 6
REGISTRATIONS = 20
SITE_REGISTRATIONS = 30
REGISTRATION_REFILL = timedelta(minutes=1)
ADDRESS = "192.0.2.1"
ANN = Registration("Ann", "Ann@Example.com", PHRASE)


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def forward(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bus(clock: Clock) -> LocalBus:
    return LocalBus(clock)


@pytest.fixture
async def heard(bus: LocalBus) -> AsyncIterator[EventRecorder]:
    heard = EventRecorder()
    async with bus.subscribe([ACCOUNTS_TOPIC], heard):
        yield heard


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    async with open_store(":memory:") as store:
        yield store


@pytest.fixture
def tokens() -> AuthXTokens:
    return AuthXTokens(bytes(32))


class CountedPasswords(BcryptPasswords):
    """Counts hashed and compared passwords. With ``is_full`` it raises ``BusyError``."""

    def __init__(self) -> None:
        super().__init__(4, sign_in_priority())
        self.hashed = self.compared = 0
        self.is_full = False

    async def hash(self, password: str, address: str, *, is_known: bool = False) -> str:
        self.hashed += 1
        if self.is_full:
            raise BusyError
        return await super().hash(password, address, is_known=is_known)

    async def matches(self, password: str, password_hash: str | None, address: str, *, is_known: bool = False) -> bool:
        self.compared += 1
        if self.is_full:
            raise BusyError
        return await super().matches(password, password_hash, address, is_known=is_known)


@pytest.fixture
def passwords() -> CountedPasswords:
    return CountedPasswords()


@pytest.fixture
def accounts(store: SqliteStore, passwords: CountedPasswords, bus: LocalBus, clock: Clock) -> AccountService:
    limits = AccountLimits(
        failures=RateLimit(FAILURES, FAILURE_REFILL, clock.seconds, "Too many attempts."),
        account_failures=RateLimit(
            ACCOUNT_FAILURES, FAILURE_REFILL, clock.seconds, "Too many attempts for this account."
        ),
        registrations=RateLimit(
            REGISTRATIONS, REGISTRATION_REFILL, clock.seconds, "Too many new accounts from your address."
        ),
        all_registrations=RateLimit(
            SITE_REGISTRATIONS, REGISTRATION_REFILL, clock.seconds, "Too many new accounts right now."
        ),
        reset_requests=RateLimit(1, FAILURE_REFILL, clock.seconds, "Too many requests."),
        account_reset_mails=RateLimit(1, FAILURE_REFILL, clock.seconds, "Too many mails."),
    )
    audit_log = audit_log_of(store, clock)
    sessions = session_service_of(store, bus, clock, audit_log)
    return AccountService(
        store.users, sessions, passwords, clock, limits, KnownBrowsers(bytes(32)), audit_log, open_gate(store, clock)
    )


async def ban_ann(store: SqliteStore) -> None:
    ann = await store.users.get_by_login("ann")
    await store.users.set_banned(ann.user_id, banned=True)


async def sign_in(accounts: AccountService, login: str = "ann") -> SignedIn:
    return await accounts.sessions.redeem(await accounts.sign_in(login, PHRASE, ADDRESS))


async def test_a_registered_user_can_sign_in_and_is_recognised(accounts: AccountService) -> None:
    ann = await accounts.register(ANN, ADDRESS)

    signed_in = await sign_in(accounts)

    assert signed_in.user == ann
    assert await accounts.sessions.verify(signed_in.token) == ann


async def test_an_account_is_stored_as_typed_without_the_password(
    accounts: AccountService, store: SqliteStore, clock: Clock
) -> None:
    ann = await accounts.register(Registration(" Ann ", " Ann@Example.COM ", PHRASE), ADDRESS)

    kept = await store.users.get(ann.user_id)
    assert (kept.username, kept.email, kept.created_at, kept.banned) == ("Ann", "Ann@example.com", clock.now, False)
    assert PHRASE not in repr(kept)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (Registration("a", "ann@example.com", PHRASE), "username"),
        (Registration("admin", "ann@example.com", PHRASE), "username"),
        (Registration("\ud800nn", "ann@example.com", PHRASE), "username"),
        (Registration("Ann", "ann", PHRASE), "email"),
        (Registration("Ann", "\ud800@example.com", PHRASE), "email"),
        (Registration("Ann", "ann@example.com", "short"), "password"),
        (Registration("Ann", "ann@example.com", "Password1"), "password"),
        (Registration("long-name", "ann@example.com", "Long-Name"), "password"),
        (Registration("Ann", "ann@example.com", "a" * 257), "password"),
        (Registration("Ann", "ann@example.com", "\ud800" * 10), "password"),
    ],
)
async def test_an_invalid_form_names_the_field_and_creates_no_account(
    accounts: AccountService, typed: Registration, field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await accounts.register(typed, ADDRESS)

    assert refused.value.field == field
    await accounts.register(ANN, ADDRESS)


async def test_names_are_unique_ignoring_case(accounts: AccountService) -> None:
    await accounts.register(ANN, ADDRESS)

    with pytest.raises(TakenError) as refused:
        await accounts.register(Registration("aNN", "other@example.com", PHRASE), ADDRESS)

    assert refused.value.field == "username"


async def test_emails_are_unique_ignoring_case(accounts: AccountService) -> None:
    await accounts.register(ANN, ADDRESS)

    with pytest.raises(TakenError) as refused:
        await accounts.register(Registration("other", "ANN@EXAMPLE.COM", PHRASE), ADDRESS)

    assert refused.value.field == "email"


async def test_one_of_twenty_concurrent_registrations_of_a_name_succeeds(accounts: AccountService) -> None:
    forms = [Registration("Ann", f"ann{n}@example.com", PHRASE) for n in range(20)]

    answers = await asyncio.gather(*(accounts.register(typed, ADDRESS) for typed in forms), return_exceptions=True)

    (winner,) = [a for a in answers if isinstance(a, User)]
    assert sum(isinstance(a, TakenError) for a in answers) == 19
    assert (await sign_in(accounts)).user == winner


async def test_sending_a_registration_again_returns_its_account(accounts: AccountService) -> None:
    ann = await accounts.register(ANN, ADDRESS)

    assert await accounts.register(replace(ANN, username="ANN", email="ann@example.com"), ADDRESS) == ann


@pytest.mark.parametrize(
    "typed",
    [
        Registration("Ann", "ann@example.com", "wrong horse"),
        Registration("Ann", "ben@example.com", PHRASE),
        Registration("Ben", "ann@example.com", PHRASE),
    ],
    ids=["wrong password", "another's email", "another's name"],
)
async def test_registering_a_taken_name_and_email_counts_as_a_sign_in_attempt(
    accounts: AccountService, passwords: CountedPasswords, typed: Registration
) -> None:
    await accounts.register(ANN, ADDRESS)
    await accounts.register(replace(ANN, username="Ben", email="ben@example.com"), ADDRESS)

    for number in range(ACCOUNT_FAILURES):
        with pytest.raises(TakenError):
            await accounts.register(typed, f"203.0.113.{number}")

    assert passwords.compared == ACCOUNT_FAILURES
    with pytest.raises(RateLimitedError):
        await accounts.register(typed, "198.51.100.1")
    with pytest.raises(RateLimitedError):
        await accounts.sign_in(typed.username, PHRASE, "198.51.100.1")


async def test_a_banned_user_cannot_sign_in_by_registering_again(accounts: AccountService, store: SqliteStore) -> None:
    await accounts.register(ANN, ADDRESS)
    await ban_ann(store)

    with pytest.raises(ForbiddenError):
        await accounts.register(ANN, ADDRESS)


@pytest.mark.parametrize(
    "login", ["Ann", "ANN", "ann", " ann ", "Ann@Example.com", "ann@example.com", "ANN@EXAMPLE.COM"]
)
async def test_users_sign_in_by_name_or_email_ignoring_case(accounts: AccountService, login: str) -> None:
    ann = await accounts.register(ANN, ADDRESS)

    assert (await sign_in(accounts, login)).user == ann


@pytest.mark.parametrize("login", ["ann", "ann@example.com", "nobody", "\ud800", "a" * 100_000])
@pytest.mark.parametrize("password", ["wrong horse", "Correct horse", PHRASE + "\0", "a" * 1000, "\ud800"])
async def test_a_wrong_name_and_a_wrong_password_have_the_same_error(
    accounts: AccountService, login: str, password: str
) -> None:
    await accounts.register(ANN, ADDRESS)

    with pytest.raises(InvalidError) as refused:
        await accounts.sign_in(login, password, ADDRESS)

    assert (refused.value.field, refused.value.public_message) == ("password", "Wrong username or password.")


@pytest.mark.parametrize(
    ("login", "password", "fields"),
    [("", "", ["login", "password"]), (" \t", PHRASE, ["login"]), ("ann", "", ["password"])],
)
async def test_signing_in_with_an_empty_field_names_it_and_does_not_count(
    accounts: AccountService, login: str, password: str, fields: list[str]
) -> None:
    await accounts.register(ANN, ADDRESS)

    for _ in range(100):
        with pytest.raises(InvalidError) as refused:
            await accounts.sign_in(login, password, ADDRESS)
        assert list(refused.value.fields) == fields

    assert await accounts.sign_in("ann", PHRASE, ADDRESS)


async def test_a_form_with_several_errors_names_every_field(accounts: AccountService) -> None:
    with pytest.raises(InvalidError) as refused:
        await accounts.register(Registration("a", "ann", "short"), ADDRESS)

    assert list(refused.value.fields) == ["username", "email", "password"]
    assert refused.value.field == "username"


async def test_every_character_of_a_long_password_is_significant(accounts: AccountService) -> None:
    await accounts.register(Registration("Ann", "ann@example.com", "aé" * 128), ADDRESS)

    await accounts.sign_in("ann", "aé" * 128, ADDRESS)

    for wrong in ("aé" * 127, "aé" * 128 + "a", "aé" * 127 + "ae"):
        with pytest.raises(InvalidError):
            await accounts.sign_in("ann", wrong, ADDRESS)


async def test_a_password_matches_in_another_unicode_composition(accounts: AccountService) -> None:
    await accounts.register(Registration("Ann", "ann@example.com", "pa\u0308sswo\u0308rd"), ADDRESS)

    assert await accounts.sign_in("ann", "p\u00e4ssw\u00f6rd", ADDRESS)
    assert await accounts.sign_in("ann", "pa\u0308sswo\u0308rd", ADDRESS)


async def test_signing_in_replaces_an_old_password_hash(
    accounts: AccountService, store: SqliteStore, clock: Clock
) -> None:
    decomposed, composed = "pa\u0308ssword", "p\u00e4ssword"
    old = bcrypt.hashpw(decomposed.encode(), bcrypt.gensalt(4)).decode()
    await store.users.add(User("u-old", "Old", "old@example.com", old, clock.now))

    await accounts.sign_in("old", composed, ADDRESS)

    renewed = (await store.users.get("u-old")).password_hash
    assert renewed != old
    await accounts.sign_in("old", decomposed, ADDRESS)
    assert (await store.users.get("u-old")).password_hash == renewed


async def test_a_banned_user_cannot_sign_in(accounts: AccountService, store: SqliteStore) -> None:
    await accounts.register(ANN, ADDRESS)
    await ban_ann(store)

    with pytest.raises(ForbiddenError):
        await accounts.sign_in("ann", PHRASE, ADDRESS)


async def test_a_wrong_password_does_not_reveal_a_ban(accounts: AccountService, store: SqliteStore) -> None:
    await accounts.register(ANN, ADDRESS)
    await ban_ann(store)

    with pytest.raises(InvalidError):
        await accounts.sign_in("ann", "wrong horse", ADDRESS)


async def test_a_ticket_of_a_user_banned_since_is_refused(accounts: AccountService, store: SqliteStore) -> None:
    await accounts.register(ANN, ADDRESS)
    ticket = await accounts.sign_in("ann", PHRASE, ADDRESS)
    await ban_ann(store)

    with pytest.raises(ForbiddenError):
        await accounts.sessions.redeem(ticket)


async def test_a_ticket_can_be_redeemed_once(accounts: AccountService) -> None:
    await accounts.register(ANN, ADDRESS)
    ticket = await accounts.sign_in("ann", PHRASE, ADDRESS)
    await accounts.sessions.redeem(ticket)

    with pytest.raises(NotSignedInError):
        await accounts.sessions.redeem(ticket)


async def test_one_of_twenty_concurrent_redemptions_of_a_ticket_succeeds(accounts: AccountService) -> None:
    await accounts.register(ANN, ADDRESS)
    ticket = await accounts.sign_in("ann", PHRASE, ADDRESS)

    answers = await asyncio.gather(*(accounts.sessions.redeem(ticket) for _ in range(20)), return_exceptions=True)

    assert sum(isinstance(a, SignedIn) for a in answers) == 1
    assert sum(isinstance(a, NotSignedInError) for a in answers) == 19


async def test_a_ticket_expires(accounts: AccountService, clock: Clock) -> None:
    await accounts.register(ANN, ADDRESS)
    ticket = await accounts.sign_in("ann", PHRASE, ADDRESS)
    clock.forward(TICKET_LIFETIME)

    with pytest.raises(NotSignedInError):
        await accounts.sessions.redeem(ticket)


@pytest.mark.parametrize("ticket", ["", "x", "a" * 43, "\0", "\ud800", "a" * 100_000])
async def test_an_invalid_ticket_is_refused(accounts: AccountService, ticket: str) -> None:
    with pytest.raises(NotSignedInError):
        await accounts.sessions.redeem(ticket)


async def test_the_store_contains_only_a_hash_of_a_ticket(
    accounts: AccountService, store: SqliteStore, clock: Clock
) -> None:
    await accounts.register(ANN, ADDRESS)
    ticket = await accounts.sign_in("ann", PHRASE, ADDRESS)

    with pytest.raises(NotFoundError):
        await store.tickets.take(ticket, clock.now)


async def test_every_sign_in_creates_a_new_session(accounts: AccountService) -> None:
    await accounts.register(ANN, ADDRESS)
    first, second = await sign_in(accounts), await sign_in(accounts)

    await accounts.sessions.sign_out(first.token)

    assert first.token != second.token
    assert (await accounts.sessions.verify(second.token)).username == "Ann"
    with pytest.raises(NotSignedInError):
        await accounts.sessions.verify(first.token)


async def test_a_session_lasts_for_its_configured_lifetime(accounts: AccountService, clock: Clock) -> None:
    await accounts.register(ANN, ADDRESS)
    signed_in = await sign_in(accounts)
    assert signed_in.expires_at == clock.now + SESSION_LIFETIME

    clock.forward(SESSION_LIFETIME - timedelta(seconds=1))
    await accounts.sessions.verify(signed_in.token)

    clock.forward(timedelta(seconds=1))
    with pytest.raises(NotSignedInError):
        await accounts.sessions.verify(signed_in.token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\0", "\ud800", "a" * 100_000])
async def test_an_invalid_token_is_not_signed_in(accounts: AccountService, token: str) -> None:
    with pytest.raises(NotSignedInError):
        await accounts.sessions.verify(token)
    await accounts.sessions.sign_out(token)


async def test_a_token_signed_with_another_key_is_not_signed_in(accounts: AccountService) -> None:
    await accounts.register(ANN, ADDRESS)
    token = (await sign_in(accounts)).token
    forged = AuthXTokens(b"\1" * 32).issue(AuthXTokens(bytes(32)).read(token), datetime.now(UTC) + SESSION_LIFETIME)

    with pytest.raises(NotSignedInError):
        await accounts.sessions.verify(forged)


async def test_a_session_of_a_deleted_user_is_not_signed_in(
    accounts: AccountService, store: SqliteStore, tokens: AuthXTokens, clock: Clock
) -> None:
    expires_at = clock.now + SESSION_LIFETIME
    await store.sessions.add(Session("s1", "u-gone", clock.now, expires_at))

    with pytest.raises(NotSignedInError):
        await accounts.sessions.verify(tokens.issue(Claims("u-gone", "s1"), expires_at))


async def test_a_token_for_the_session_of_another_user_is_not_signed_in(
    accounts: AccountService, store: SqliteStore, tokens: AuthXTokens, clock: Clock
) -> None:
    ann = await accounts.register(ANN, ADDRESS)
    expires_at = clock.now + SESSION_LIFETIME
    await store.sessions.add(Session("s1", ann.user_id, clock.now, expires_at))

    with pytest.raises(NotSignedInError):
        await accounts.sessions.verify(tokens.issue(Claims("u-eve", "s1"), expires_at))


async def test_signing_out_twice_succeeds(accounts: AccountService) -> None:
    await accounts.register(ANN, ADDRESS)
    token = (await sign_in(accounts)).token

    await accounts.sessions.sign_out(token)
    await accounts.sessions.sign_out(token)

    with pytest.raises(NotSignedInError):
        await accounts.sessions.verify(token)


async def test_a_sign_out_is_announced(accounts: AccountService, heard: EventRecorder) -> None:
    ann = await accounts.register(ANN, ADDRESS)
    await accounts.sessions.sign_out((await sign_in(accounts)).token)

    await heard.until(lambda: len(heard.deliveries) == 1)
    assert isinstance(heard.deliveries[0].event, SessionRevoked)
    assert heard.deliveries[0].event.user_id == ann.user_id


async def fail(accounts: AccountService, times: int) -> None:
    for _ in range(times):
        with pytest.raises(InvalidError):
            await accounts.sign_in("ann", "wrong horse", ADDRESS)


async def test_an_address_must_wait_after_too_many_failures_even_with_the_right_password(
    accounts: AccountService, clock: Clock
) -> None:
    await accounts.register(ANN, ADDRESS)
    await fail(accounts, FAILURES)

    with pytest.raises(RateLimitedError, match=r"Too many attempts\. Try again in 10 seconds\."):
        await accounts.sign_in("ann", PHRASE, ADDRESS)
    clock.forward(FAILURE_REFILL)

    assert await accounts.sign_in("ann", PHRASE, ADDRESS)


async def test_failures_from_one_address_do_not_lock_out_others(accounts: AccountService) -> None:
    await accounts.register(ANN, ADDRESS)
    await fail(accounts, FAILURES)

    assert await accounts.sign_in("ann", PHRASE, "192.0.2.2")


async def test_successful_sign_ins_are_not_limited(accounts: AccountService) -> None:
    await accounts.register(ANN, ADDRESS)

    for _ in range(FAILURES + 1):
        assert await accounts.sign_in("ann", PHRASE, ADDRESS)


async def test_registrations_are_limited_by_address(accounts: AccountService, clock: Clock) -> None:
    for number in range(REGISTRATIONS):
        await accounts.register(form(number), ADDRESS)

    with pytest.raises(RateLimitedError, match=r"Too many new accounts from your address\. Try again in 60 seconds\."):
        await accounts.register(form(REGISTRATIONS), ADDRESS)
    await accounts.register(form(REGISTRATIONS), "192.0.2.2")
    clock.forward(REGISTRATION_REFILL)

    await accounts.register(form(REGISTRATIONS + 1), ADDRESS)


async def test_registrations_of_all_addresses_together_are_limited(accounts: AccountService) -> None:
    for number in range(SITE_REGISTRATIONS):
        await accounts.register(form(number), f"192.0.2.{number}")

    with pytest.raises(RateLimitedError, match="Too many new accounts right now"):
        await accounts.register(form(SITE_REGISTRATIONS), "198.51.100.1")


async def test_addresses_of_one_ipv6_network_count_together(accounts: AccountService) -> None:
    for number in range(REGISTRATIONS):
        await accounts.register(form(number), f"2001:db8:1:1::{number:x}")
    with pytest.raises(RateLimitedError):
        await accounts.register(form(REGISTRATIONS), "2001:db8:1:1:ffff::1")

    for number in range(FAILURES):
        with pytest.raises(InvalidError):
            await accounts.sign_in("nobody", "wrong horse", f"2001:db8:1:1::{number:x}")
    with pytest.raises(RateLimitedError):
        await accounts.sign_in("nobody", "wrong horse", "2001:db8:1:1:ffff::1")


async def test_a_taken_name_or_email_is_refused_before_hashing_and_does_not_count(
    accounts: AccountService, passwords: CountedPasswords
) -> None:
    await accounts.register(ANN, ADDRESS)

    for _ in range(REGISTRATIONS + 1):
        for taken in (replace(ANN, email="other@example.com"), replace(ANN, username="other")):
            with pytest.raises(TakenError):
                await accounts.register(taken, ADDRESS)

    assert passwords.hashed == 1


async def test_a_registration_refused_by_a_busy_site_does_not_count(
    accounts: AccountService, passwords: CountedPasswords
) -> None:
    await accounts.register(ANN, ADDRESS)
    passwords.is_full = True
    for _ in range(SITE_REGISTRATIONS):
        with pytest.raises(BusyError):
            await accounts.register(form(1), ADDRESS)
        with pytest.raises(BusyError):
            await accounts.sign_in("ann", PHRASE, ADDRESS)

    passwords.is_full = False

    assert await accounts.register(form(1), ADDRESS)
    assert await accounts.sign_in("ann", PHRASE, ADDRESS)


@pytest.mark.parametrize("login", ["ann", "nobody"])
async def test_failures_for_an_account_from_many_addresses_limit_unknown_browsers(
    accounts: AccountService, clock: Clock, login: str
) -> None:
    await accounts.register(ANN, ADDRESS)
    await guess(accounts, login, ACCOUNT_FAILURES)

    with pytest.raises(RateLimitedError, match=r"Too many attempts for this account\. Try again in 10 seconds\."):
        await accounts.sign_in(login.upper(), "wrong horse", "198.51.100.1")
    clock.forward(FAILURE_REFILL)

    with pytest.raises(InvalidError):
        await accounts.sign_in(login, "wrong horse", "198.51.100.1")


async def test_failures_of_unknown_browsers_do_not_limit_a_known_browser(accounts: AccountService) -> None:
    ann = await accounts.register(ANN, ADDRESS)
    cookies = f"{VIEWER_COOKIE}={'v' * 24}"
    cookies += f"; {KNOWN_ACCOUNTS_COOKIE}={accounts.known_browser_cookie(ann, cookies)}"
    await guess(accounts, "ann", ACCOUNT_FAILURES)
    with pytest.raises(RateLimitedError):
        await accounts.sign_in("ann", PHRASE, ADDRESS)

    assert await accounts.sign_in("ann", PHRASE, ADDRESS, cookies)


async def test_a_stolen_known_browser_cookie_is_limited_at_any_address(accounts: AccountService) -> None:
    ann = await accounts.register(ANN, ADDRESS)
    cookies = f"{VIEWER_COOKIE}={'v' * 24}"
    cookies += f"; {KNOWN_ACCOUNTS_COOKIE}={accounts.known_browser_cookie(ann, cookies)}"
    await guess(accounts, "ann", ACCOUNT_FAILURES, cookies)

    with pytest.raises(RateLimitedError):
        await accounts.sign_in("ann", "wrong horse", "198.51.100.1", cookies)


def form(number: int) -> Registration:
    return Registration(f"user{number}", f"user{number}@example.com", PHRASE)


async def guess(accounts: AccountService, login: str, times: int, cookies: str = "") -> None:
    """Try ``count`` wrong passwords, each from another address."""
    for number in range(times):
        with pytest.raises(InvalidError):
            await accounts.sign_in(login, "wrong horse", f"203.0.113.{number}", cookies)
