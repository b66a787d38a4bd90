"""Registration, sign-in and sign-out, interrupted at each step and repeated."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import bcrypt
import pytest

from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.service import AccountService, Registration
from streaming_app.backend.accounts.sign_in_limits import AccountLimits
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.bootstrap import now
from streaming_app.backend.errors import BusUnavailableError, NotSignedInError
from streaming_app.backend.rate_limit import RateLimit
from tests.rig.audit import audit_log_of
from tests.rig.faults import Faults, for_each_fault
from tests.rig.password_hashing import bcrypt_passwords
from tests.rig.registration import open_gate
from tests.rig.sessions import session_service_of

PHRASE = "correct horse"
ADDRESS = "192.0.2.1"
ANN = Registration("Ann", "ann@example.com", PHRASE)
TRIES = 2
"""Burst of each limit. If interrupted attempts counted, some second attempts would be refused."""


@dataclass
class World:
    store: SqliteStore
    accounts: AccountService
    """The service under test, whose calls of ports fail."""
    opened: list[str] = field(default_factory=list[str])
    """Tokens that reached the browser."""


def _service(store: SqliteStore, bus: LocalBus) -> AccountService:
    limits = [RateLimit(TRIES, timedelta(hours=1), lambda: 0.0, "Too many.") for _ in range(6)]
    audit_log = audit_log_of(store, now)
    sessions = session_service_of(store, bus, now, audit_log)
    return AccountService(
        store.users,
        sessions,
        bcrypt_passwords(),
        now,
        AccountLimits(*limits),
        KnownBrowsers(bytes(32)),
        audit_log,
        open_gate(store, now),
    )


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def _world(stack: AsyncExitStack, faults: Faults) -> World:
    store = await stack.enter_async_context(open_store(":memory:"))
    bus = faults.around(LocalBus(now), BusUnavailableError)
    return World(store, _service(faults.around(store), bus))


async def _enter(world: World) -> None:
    """Sign in and redeem the ticket, as form and browser do."""
    ticket = await world.accounts.sign_in("ann", PHRASE, ADDRESS)
    world.opened.append((await world.accounts.sessions.redeem(ticket)).token)


async def test_an_interrupted_registration_creates_one_account_that_can_sign_in(stack: AsyncExitStack) -> None:
    async def prepare(faults: Faults) -> World:
        return await _world(stack, faults)

    async def check(world: World) -> None:
        ticket = await world.accounts.sign_in("ann", PHRASE, ADDRESS)
        assert (await world.accounts.sessions.redeem(ticket)).user.email == "ann@example.com"

    await for_each_fault(prepare, lambda world: world.accounts.register(ANN, ADDRESS), check)


async def test_repeating_an_interrupted_registration_signs_in_to_the_same_account(
    stack: AsyncExitStack,
) -> None:
    async def prepare(faults: Faults) -> World:
        return await _world(stack, faults)

    async def register_and_enter(world: World) -> None:
        user = await world.accounts.register(ANN, ADDRESS)
        world.opened.append(
            (await world.accounts.sessions.redeem(await world.accounts.sessions.issue_ticket(user))).token
        )

    async def check(world: World) -> None:
        assert (await world.accounts.sessions.verify(world.opened[-1])).email == "ann@example.com"

    await for_each_fault(prepare, register_and_enter, check)


async def test_an_interrupted_sign_in_can_be_repeated_with_an_old_hash(
    stack: AsyncExitStack,
) -> None:
    async def prepare(faults: Faults) -> World:
        world = await _world(stack, faults)
        old = bcrypt.hashpw(PHRASE.encode(), bcrypt.gensalt(4)).decode()
        await world.store.users.add(User("u-ann", "Ann", "ann@example.com", old, now()))
        return world

    async def check(world: World) -> None:
        assert (await world.accounts.sessions.verify(world.opened[-1])).user_id == "u-ann"
        for _ in range(TRIES + 1):
            await world.accounts.sign_in("ann", PHRASE, ADDRESS)

    await for_each_fault(prepare, _enter, check)


async def test_an_interrupted_sign_out_can_be_repeated(stack: AsyncExitStack) -> None:
    async def prepare(faults: Faults) -> World:
        world = await _world(stack, faults)
        await world.accounts.register(ANN, ADDRESS)
        await _enter(world)
        return world

    async def check(world: World) -> None:
        with pytest.raises(NotSignedInError):
            await world.accounts.sessions.verify(world.opened[-1])

    await for_each_fault(prepare, lambda world: world.accounts.sessions.sign_out(world.opened[-1]), check)
