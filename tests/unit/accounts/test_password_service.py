"""Changing and resetting passwords, on a real store and real hashes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.api_tokens import TOKENS_MAX, ApiTokenService, NewToken
from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.passkeys import Passkey
from streaming_app.backend.accounts.password_service import RESET_LIFETIME, PasswordService
from streaming_app.backend.accounts.ports import ApiTokens, Mailer
from streaming_app.backend.accounts.providers.model import Identity
from streaming_app.backend.accounts.service import AccountService, Registration
from streaming_app.backend.accounts.sign_in_limits import AccountLimits
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.errors import (
    BusUnavailableError,
    ConflictError,
    DomainError,
    InvalidError,
    NotFoundError,
    NotSignedInError,
    RateLimitedError,
)
from streaming_app.backend.events import ACCOUNTS_TOPIC, SessionRevoked
from streaming_app.backend.rate_limit import RateLimit
from tests.rig.audit import audit_log_of
from tests.rig.event_recorder import EventRecorder
from tests.rig.faults import Faults, for_each_fault
from tests.rig.interrupted import interrupted
from tests.rig.password_hashing import bcrypt_passwords
from tests.rig.registration import open_gate
from tests.rig.sessions import session_service_of

OLD, NEW = "correct horse", "battery staple"
ADDRESS = "192.0.2.1"
TRIES = 3
HOUR = timedelta(hours=1)


@dataclass
class Site:
    store: SqliteStore
    bus: LocalBus
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    mailer: Mailer | None = None
    accounts: AccountService = field(init=False)
    passwords: PasswordService = field(init=False)

    def __post_init__(self) -> None:
        limits = AccountLimits(*(RateLimit(TRIES, timedelta(hours=1), lambda: 0.0, "Too many.") for _ in range(6)))
        bcrypt, users, tickets = bcrypt_passwords(), self.store.users, self.store.tickets
        audit_log = audit_log_of(self.store, self.clock)
        sessions = session_service_of(self.store, self.bus, self.clock, audit_log)
        self.accounts = AccountService(
            users,
            sessions,
            bcrypt,
            self.clock,
            limits,
            KnownBrowsers(bytes(32)),
            audit_log,
            open_gate(self.store, self.clock),
        )
        self.api_tokens = ApiTokenService(users, self.store.api_tokens, self.clock, audit_log)
        self.mails = AccountMails(self.mailer, "https://live.example.com")
        self.passwords = PasswordService(
            users,
            self.store.identities,
            self.store.passkeys,
            tickets,
            bcrypt,
            self.bus,
            self.clock,
            limits,
            self.mails,
            audit_log,
        )

    def clock(self) -> datetime:
        return self.now

    async def sign_in(self, password: str) -> str:
        """Sign Ann in and return the token of her session."""
        return (await self.accounts.sessions.redeem(await self.accounts.sign_in("ann", password, ADDRESS))).token


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_store(":memory:") as store:
        yield Site(store, LocalBus(lambda: datetime.now(UTC)))


@pytest.fixture
async def ann(site: Site) -> User:
    return await site.accounts.register(Registration("Ann", "ann@example.com", OLD), ADDRESS)


async def test_a_changed_password_replaces_the_old_one(site: Site, ann: User) -> None:
    await site.passwords.change(ann, OLD, NEW, ADDRESS)

    assert await site.sign_in(NEW)
    with pytest.raises(InvalidError):
        await site.sign_in(OLD)


async def test_a_change_ends_all_sessions_and_unused_tickets(site: Site, ann: User) -> None:
    sessions = [await site.sign_in(OLD) for _ in range(2)]
    ticket = await site.accounts.sign_in("ann", OLD, ADDRESS)

    changed = await site.passwords.change(ann, OLD, NEW, ADDRESS)

    for token in sessions:
        with pytest.raises(NotSignedInError):
            await site.accounts.sessions.verify(token)
    with pytest.raises(NotSignedInError):
        await site.accounts.sessions.redeem(ticket)
    signed_in = await site.accounts.sessions.redeem(await site.accounts.sessions.issue_ticket(changed))
    assert await site.accounts.sessions.verify(signed_in.token) == changed


async def test_a_change_is_announced_to_all_open_pages_of_the_user(site: Site, ann: User) -> None:
    heard = EventRecorder()
    async with site.bus.subscribe([ACCOUNTS_TOPIC], heard):
        await site.passwords.change(ann, OLD, NEW, ADDRESS)
        await heard.until(lambda: len(heard.deliveries) == 1)

    event = heard.deliveries[0].event
    assert isinstance(event, SessionRevoked)
    assert event.user_id == ann.user_id


async def test_a_change_keeps_the_sessions_of_other_users(site: Site, ann: User) -> None:
    bob = await site.accounts.register(Registration("Bob", "bob@example.com", OLD), ADDRESS)
    token = (await site.accounts.sessions.redeem(await site.accounts.sessions.issue_ticket(bob))).token

    await site.passwords.change(ann, OLD, NEW, ADDRESS)

    assert await site.accounts.sessions.verify(token) == bob


@pytest.mark.parametrize(
    ("current", "new", "fields"),
    [
        ("wrong horse", NEW, ["current_password"]),
        ("", NEW, ["current_password"]),
        (OLD, "short", ["password"]),
        (OLD, "password1", ["password"]),
        (OLD, "ANN@example.com", ["password"]),
        ("", "short", ["current_password", "password"]),
    ],
)
async def test_a_refused_change_names_the_field_and_changes_nothing(
    site: Site, ann: User, current: str, new: str, fields: list[str]
) -> None:
    token = await site.sign_in(OLD)

    with pytest.raises(InvalidError) as refused:
        await site.passwords.change(ann, current, new, ADDRESS)

    assert list(refused.value.fields) == fields
    assert await site.accounts.sessions.verify(token) == ann


async def test_wrong_current_passwords_are_limited_together_with_sign_ins(site: Site, ann: User) -> None:
    for number in range(TRIES):
        with pytest.raises(InvalidError):
            await site.passwords.change(ann, "wrong horse", NEW, f"198.51.100.{number}")

    with pytest.raises(RateLimitedError):
        await site.passwords.change(ann, OLD, NEW, "203.0.113.1")
    with pytest.raises(RateLimitedError):
        await site.accounts.sign_in("ann", OLD, "203.0.113.2")


async def test_of_several_simultaneous_changes_one_succeeds(site: Site, ann: User) -> None:
    texts = [f"{NEW} {number}" for number in range(4)]

    answers = await asyncio.gather(
        *(site.passwords.change(ann, OLD, text, f"198.51.100.{text[-1]}") for text in texts), return_exceptions=True
    )

    assert sum(isinstance(answer, User) for answer in answers) == 1
    assert all(isinstance(answer, User | ConflictError | RateLimitedError) for answer in answers)
    [winner] = [text for text, answer in zip(texts, answers, strict=True) if isinstance(answer, User)]
    assert await site.sign_in(winner)


async def test_a_reset_link_sets_a_password_once(site: Site, ann: User) -> None:
    token = await site.sign_in(OLD)
    secret = await site.passwords.create_reset_secret("ANN@example.com")
    assert (await site.passwords.user_of_link(secret)).username == "Ann"

    await site.passwords.reset(secret, NEW, ADDRESS)

    assert await site.sign_in(NEW)
    with pytest.raises(NotSignedInError):
        await site.accounts.sessions.verify(token)
    with pytest.raises(NotFoundError, match="no longer valid"):
        await site.passwords.reset(secret, "another staple", ADDRESS)
    assert ann.user_id == (await site.store.users.get_by_login("ann")).user_id


async def new_token(site: Site, user: User) -> str:
    return await site.api_tokens.create(user.user_id, NewToken("bot", ["chat:write"], "30"))


async def test_api_tokens_survive_a_changed_password(site: Site, ann: User) -> None:
    secret = await new_token(site, ann)

    await site.passwords.change(ann, OLD, NEW, ADDRESS)

    assert (await site.api_tokens.verify(secret))[0].user_id == ann.user_id
    assert len(await site.api_tokens.list_by_user(ann.user_id)) == 1


async def test_a_reset_ends_api_tokens_and_new_ones_work(site: Site, ann: User) -> None:
    olds = [await new_token(site, ann) for _ in range(TOKENS_MAX)]

    await site.passwords.reset(await site.passwords.create_reset_secret("ann"), NEW, ADDRESS)

    for secret in olds:
        with pytest.raises(NotSignedInError):
            await site.api_tokens.verify(secret)
    new = await new_token(site, ann)
    assert (await site.api_tokens.verify(new))[0].user_id == ann.user_id
    assert len(await site.api_tokens.list_by_user(ann.user_id)) == 1


async def test_a_token_that_is_created_during_a_reset_does_not_survive_it(site: Site, ann: User) -> None:
    reset = await site.passwords.create_reset_secret("ann")

    async def reset_password() -> None:
        await site.passwords.reset(reset, NEW, ADDRESS)

    tokens: ApiTokens = interrupted(site.store.api_tokens, "list_by_user", reset_password)
    created = ApiTokenService(site.store.users, tokens, site.clock, audit_log_of(site.store, site.clock))
    secret = await created.create(ann.user_id, NewToken("bot", ["chat:write"], "30"))

    with pytest.raises(NotSignedInError):
        await site.api_tokens.verify(secret)
    assert await site.api_tokens.list_by_user(ann.user_id) == []


@pytest.mark.parametrize("is_confirmed", [True, False])
async def test_a_reset_removes_passkeys_and_linked_accounts_if_the_email_was_never_confirmed(
    site: Site, ann: User, *, is_confirmed: bool
) -> None:
    await site.store.passkeys.add(Passkey("key-1", ann.user_id, "phone", b"public", 0, site.now))
    await site.store.identities.add(Identity("work", "1", ann.user_id, "Ann", site.now))
    if is_confirmed:
        await site.store.users.confirm_email(ann.user_id, ann.email, site.now)

    await site.passwords.reset(await site.passwords.create_reset_secret("ann"), NEW, ADDRESS)

    assert len(await site.store.passkeys.list_by_user(ann.user_id)) == is_confirmed
    assert len(await site.store.identities.list_by_user(ann.user_id)) == is_confirmed


async def test_a_reset_link_expires(site: Site, ann: User) -> None:
    secret = await site.passwords.create_reset_secret(ann.username)
    site.now += RESET_LIFETIME

    with pytest.raises(NotFoundError):
        await site.passwords.user_of_link(secret)
    with pytest.raises(NotFoundError):
        await site.passwords.reset(secret, NEW, ADDRESS)


async def test_a_changed_password_invalidates_reset_links(site: Site, ann: User) -> None:
    secret = await site.passwords.create_reset_secret(ann.username)

    await site.passwords.change(ann, OLD, NEW, ADDRESS)

    with pytest.raises(NotFoundError):
        await site.passwords.reset(secret, "another staple", ADDRESS)


async def test_a_refused_new_password_keeps_the_link_valid(site: Site, ann: User) -> None:
    secret = await site.passwords.create_reset_secret(ann.username)

    for wrong in ("short", "password", "Ann@example.com"):
        with pytest.raises(InvalidError) as refused:
            await site.passwords.reset(secret, wrong, ADDRESS)
        assert refused.value.field == "password"

    assert await site.passwords.reset(secret, NEW, ADDRESS)


async def test_of_several_simultaneous_resets_one_succeeds(site: Site, ann: User) -> None:
    secret = await site.passwords.create_reset_secret(ann.username)

    answers = await asyncio.gather(
        *(site.passwords.reset(secret, f"{NEW} {number}", ADDRESS) for number in range(4)), return_exceptions=True
    )

    assert sum(isinstance(answer, User) for answer in answers) == 1
    assert all(isinstance(answer, User | NotFoundError) for answer in answers)


@pytest.mark.parametrize("secret", ["", "x", "\ud800", "x" * 1000])
async def test_an_unknown_secret_is_refused(site: Site, ann: User, secret: str) -> None:
    await site.passwords.create_reset_secret(ann.username)

    with pytest.raises(NotFoundError):
        await site.passwords.reset(secret, NEW, ADDRESS)


async def test_a_link_for_an_unknown_account_is_refused(site: Site) -> None:
    with pytest.raises(NotFoundError):
        await site.passwords.create_reset_secret("nobody")


async def test_a_sign_in_ticket_is_no_reset_link_and_a_reset_link_opens_no_session(site: Site, ann: User) -> None:
    ticket = await site.accounts.sessions.issue_ticket(ann)
    secret = await site.passwords.create_reset_secret(ann.username)

    with pytest.raises(NotFoundError):
        await site.passwords.reset(ticket, NEW, ADDRESS)
    with pytest.raises(NotSignedInError):
        await site.accounts.sessions.redeem(secret)


async def test_an_interrupted_change_is_repeated_and_the_old_password_is_invalid(
    site: Site,
) -> None:
    async with AsyncExitStack() as stack:

        async def prepare(faults: Faults) -> Site:
            store = await stack.enter_async_context(open_store(":memory:"))
            await Site(store, site.bus).accounts.register(Registration("Ann", "ann@example.com", OLD), ADDRESS)
            return Site(faults.around(store), faults.around(site.bus, BusUnavailableError))

        async def change(world: Site) -> None:
            token = ""
            try:
                token = await world.sign_in(OLD)
                await world.passwords.change(await world.accounts.sessions.verify(token), OLD, NEW, ADDRESS)
            except InvalidError:
                pass  # the first attempt took effect, so the user signs in with the new password

        async def check(world: Site) -> None:
            assert await world.sign_in(NEW)
            with pytest.raises(DomainError):
                await world.sign_in(OLD)

        await for_each_fault(prepare, change, check)
