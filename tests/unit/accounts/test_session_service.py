"""Sessions: their lifetimes, the list of them, and how they end."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.accounts.model import SignedIn, User
from streaming_app.backend.accounts.session_service import SEEN_PRECISION, SessionLifetimes, SessionService
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.errors import NotSignedInError, ReauthenticationNeededError
from streaming_app.backend.events import ACCOUNTS_TOPIC, SessionRevoked
from tests.rig.audit import audit_log_of
from tests.rig.event_recorder import EventRecorder
from tests.rig.sessions import session_service_of
from tests.unit.accounts.clock import Clock

LIFETIMES = SessionLifetimes(absolute=timedelta(days=30), idle=timedelta(days=14))
START = datetime(2026, 11, 28, 12, tzinfo=UTC)
ANN = User("u-ann", "Ann", "ann@example.com", "hash", START)
BOB = User("u-bob", "Bob", "bob@example.com", "hash", START)


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def bus(clock: Clock) -> LocalBus:
    return LocalBus(clock)


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    async with open_store(":memory:") as store:
        await store.users.add(ANN)
        await store.users.add(BOB)
        yield store


@pytest.fixture
def sessions(store: SqliteStore, bus: LocalBus, clock: Clock) -> SessionService:
    return session_service_of(store, bus, clock, audit_log_of(store, clock), LIFETIMES)


async def sign_in(sessions: SessionService, user: User = ANN, device: str = "Firefox on Linux") -> SignedIn:
    return await sessions.redeem(await sessions.issue_ticket(user), device, "192.0.2.1")


async def test_an_unused_session_ends_after_the_idle_lifetime(sessions: SessionService, clock: Clock) -> None:
    token = (await sign_in(sessions)).token

    clock.now += LIFETIMES.idle - timedelta(seconds=1)
    unused = (await sign_in(sessions)).token
    assert await sessions.verify(token) == ANN
    clock.now += LIFETIMES.idle - timedelta(seconds=1)
    assert await sessions.verify(token) == ANN
    clock.now += timedelta(seconds=1)

    with pytest.raises(NotSignedInError):
        await sessions.verify(unused)


async def test_a_used_session_ends_after_the_absolute_lifetime(sessions: SessionService, clock: Clock) -> None:
    token = (await sign_in(sessions)).token

    while clock.now < START + LIFETIMES.absolute:
        assert await sessions.verify(token) == ANN
        clock.now += timedelta(days=10)

    with pytest.raises(NotSignedInError):
        await sessions.verify(token)


async def test_the_last_use_is_stored_once_in_a_while(
    sessions: SessionService, store: SqliteStore, clock: Clock
) -> None:
    token = (await sign_in(sessions)).token

    clock.now += SEEN_PRECISION - timedelta(seconds=1)
    await sessions.verify(token)
    [soon] = await store.sessions.list_by_user(ANN.user_id, clock.now)
    clock.now += timedelta(seconds=1)
    await sessions.verify(token)
    [later] = await store.sessions.list_by_user(ANN.user_id, clock.now)

    assert (soon.seen_at, later.seen_at) == (START, clock.now)


async def test_a_session_survives_a_clock_that_was_weeks_ahead(sessions: SessionService, clock: Clock) -> None:
    token = (await sign_in(sessions)).token

    clock.now += timedelta(days=20)
    with pytest.raises(NotSignedInError):
        await sessions.verify(token)
    clock.now = START + timedelta(minutes=1)

    assert await sessions.verify(token) == ANN


async def test_the_list_shows_this_session_first_then_the_newest(sessions: SessionService, clock: Clock) -> None:
    tokens: list[str] = []
    for device in ("Firefox on Linux", "Chrome on Android", "Safari on iOS"):
        clock.now += timedelta(hours=1)
        tokens.append((await sign_in(sessions, device=device)).token)
    await sign_in(sessions, BOB)

    listed = await sessions.list_of(tokens[1])

    assert [each.device for each in listed] == ["Chrome on Android", "Safari on iOS", "Firefox on Linux"]
    assert listed[0].address == "192.0.2.1"
    assert listed[0].seen_at == clock.now


async def test_the_list_has_no_idle_sessions_and_none_of_before_a_new_password(
    sessions: SessionService, store: SqliteStore, clock: Clock
) -> None:
    await sign_in(sessions, device="from before the new password")
    await store.users.set_password(ANN.user_id, 0, "new hash")
    ann = await store.users.get(ANN.user_id)
    await sign_in(sessions, ann, device="idle")
    clock.now += LIFETIMES.idle

    current = await sign_in(sessions, ann, device="current")

    assert [each.device for each in await sessions.list_of(current.token)] == ["current"]


async def test_one_of_several_sessions_is_ended(sessions: SessionService, bus: LocalBus) -> None:
    heard = EventRecorder()
    ours, other, third = [(await sign_in(sessions, device=device)).token for device in ("a", "b", "c")]
    [wanted] = [each for each in await sessions.list_of(ours) if each.device == "b"]

    async with bus.subscribe([ACCOUNTS_TOPIC], heard):
        await sessions.end(ours, wanted.public_id)
        await heard.until(lambda: len(heard.deliveries) == 1)

    assert isinstance(heard.deliveries[0].event, SessionRevoked)
    with pytest.raises(NotSignedInError):
        await sessions.verify(other)
    assert await sessions.verify(ours) == await sessions.verify(third) == ANN


async def test_a_session_of_another_user_cannot_be_ended(sessions: SessionService) -> None:
    ours, theirs = (await sign_in(sessions)).token, (await sign_in(sessions, BOB)).token
    [bobs] = await sessions.list_of(theirs)

    for public_id in (bobs.public_id, bobs.session_id, "", "unknown"):
        await sessions.end(ours, public_id)

    assert await sessions.verify(theirs) == BOB


async def test_all_other_sessions_are_ended(sessions: SessionService) -> None:
    ours, *others = [(await sign_in(sessions)).token for _ in range(3)]
    theirs = (await sign_in(sessions, BOB)).token

    await sessions.end_others(ours)

    assert await sessions.verify(ours) == ANN
    assert await sessions.verify(theirs) == BOB
    for token in others:
        with pytest.raises(NotSignedInError):
            await sessions.verify(token)


@pytest.mark.parametrize("token", ["", "forged"])
async def test_without_a_session_nothing_is_listed_or_ended(sessions: SessionService, token: str) -> None:
    signed_in = await sign_in(sessions)
    [session] = await sessions.list_of(signed_in.token)

    with pytest.raises(NotSignedInError):
        await sessions.list_of(token)
    with pytest.raises(NotSignedInError):
        await sessions.end(token, session.public_id)
    with pytest.raises(NotSignedInError):
        await sessions.end_others(token)

    assert await sessions.verify(signed_in.token) == ANN


async def test_a_session_is_recent_for_some_minutes_however_much_it_is_used(
    sessions: SessionService, clock: Clock
) -> None:
    token = (await sign_in(sessions)).token

    clock.now += LIFETIMES.recent
    assert await sessions.require_recent(token) == ANN
    assert await sessions.verify(token) == ANN
    clock.now += timedelta(seconds=1)

    with pytest.raises(ReauthenticationNeededError):
        await sessions.require_recent(token)
    assert await sessions.verify(token) == ANN
    assert await sessions.require_recent((await sign_in(sessions)).token) == ANN


@pytest.mark.parametrize("token", ["", "forged"])
async def test_a_visitor_is_signed_out_and_not_asked_to_authenticate_again(
    sessions: SessionService, token: str
) -> None:
    with pytest.raises(NotSignedInError):
        await sessions.require_recent(token)
