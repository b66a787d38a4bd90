"""The queue of password hashes: bounded, and in the order of their forms."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.accounts.password_queue import PasswordQueue
from streaming_app.backend.accounts.sign_in_priority import SignInPriority
from streaming_app.backend.errors import BusyError
from tests.rig.conditions import until

PLACES = 6


class Hashing:
    """Hashing that records its starts and ends when the test says so."""

    def __init__(self, slots: int = 1) -> None:
        self.priority = SignInPriority(KnownBrowsers(bytes(32)), lambda: 0.0)
        self.queue = PasswordQueue(slots, self.priority, PLACES)
        self.started: list[str] = []
        self.at_once = 0
        self._most = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._running = 0

    def ask(
        self, name: str, address: str, *, is_known: bool = False, is_registration: bool = False
    ) -> asyncio.Task[str]:
        work = self.queue.run(lambda: self._hash(name), address, is_known=is_known, is_registration=is_registration)
        return asyncio.create_task(work)

    async def fill(self, count: int, address: str = "192.0.2.1", *, is_known: bool = False) -> list[asyncio.Task[str]]:
        """Make ``count`` more requests. Returns when each of them runs, waits or is refused."""
        asked = [self.ask(f"{address} {number}", address, is_known=is_known) for number in range(count)]
        await asyncio.sleep(0)
        return asked

    def finish(self, count: int = 1) -> None:
        self._most.release(count)

    def _hash(self, name: str) -> str:
        with self._lock:
            self.started.append(name)
            self._running += 1
            self.at_once = max(self.at_once, self._running)
        self._most.acquire()
        with self._lock:
            self._running -= 1
        return name


@pytest.fixture
async def hashing() -> AsyncIterator[Hashing]:
    hashing = Hashing()
    yield hashing
    hashing.finish(100)


async def test_no_more_hashes_run_at_once_than_there_are_slots() -> None:
    hashing = Hashing(slots=2)
    asked = await hashing.fill(PLACES)

    hashing.finish(PLACES)
    await asyncio.gather(*asked)

    assert hashing.at_once == 2


async def test_an_address_that_fills_the_queue_is_refused_at_once(hashing: Hashing) -> None:
    asked = await hashing.fill(1 + PLACES)

    with pytest.raises(BusyError):
        await hashing.ask("one more", "192.0.2.1")

    hashing.finish(1 + PLACES)
    assert len(await asyncio.gather(*asked)) == 1 + PLACES


async def test_another_address_gets_a_place_of_the_address_with_the_most(hashing: Hashing) -> None:
    asked = await hashing.fill(1 + PLACES)
    other = hashing.ask("other", "198.51.100.1")

    with pytest.raises(BusyError):
        await asked[-1]
    hashing.finish(1 + PLACES)

    assert await other == "other"


async def test_addresses_take_turns(hashing: Hashing) -> None:
    flood = await hashing.fill(4)
    others = [hashing.ask("second", "198.51.100.1"), hashing.ask("third", "203.0.113.1")]
    await asyncio.sleep(0)

    hashing.finish(6)
    await asyncio.gather(*flood, *others)

    assert hashing.started == ["192.0.2.1 0", "third", "second", "192.0.2.1 1", "192.0.2.1 2", "192.0.2.1 3"]


async def test_an_address_with_several_requests_waits_for_all_others_after_its_turn(hashing: Hashing) -> None:
    await hashing.fill(1)
    first = hashing.ask("first", "198.51.100.1")
    await asyncio.sleep(0)
    flood = [hashing.ask(f"flood {number}", "203.0.113.1") for number in range(3)]
    await asyncio.sleep(0)

    hashing.finish(5)
    await asyncio.gather(first, *flood)

    assert hashing.started == ["192.0.2.1 0", "flood 0", "first", "flood 1", "flood 2"]


async def test_a_new_address_takes_the_place_of_the_oldest_one_in_a_flood_from_many_addresses(hashing: Hashing) -> None:
    flood = [hashing.ask(f"stranger {number}", f"192.0.2.{number}") for number in range(1 + PLACES)]
    await asyncio.sleep(0)

    new = hashing.ask("new", "198.51.100.1")
    with pytest.raises(BusyError):
        await flood[1]
    hashing.finish(100)

    assert await new == "new"
    assert hashing.started[1] == "new"


async def test_an_address_that_comes_back_waits_for_new_addresses(hashing: Hashing) -> None:
    await hashing.fill(1)
    returning = [hashing.ask("again", "192.0.2.1"), hashing.ask("older", "198.51.100.1")]
    await asyncio.sleep(0)
    new = [hashing.ask(f"new {number}", f"203.0.113.{number}") for number in range(PLACES)]
    await asyncio.sleep(0)

    with pytest.raises(BusyError):
        await returning[0]
    with pytest.raises(BusyError):
        await returning[1]
    hashing.finish(100)
    await asyncio.gather(*new)


async def test_of_two_forms_the_newer_is_next_even_if_it_reaches_the_queue_first(hashing: Hashing) -> None:
    await hashing.fill(1)
    for address in ("198.51.100.1", "203.0.113.1"):
        hashing.priority.of_form(address, "")
    newer = hashing.ask("newer", "203.0.113.1")
    await asyncio.sleep(0)
    older = hashing.ask("older", "198.51.100.1")
    await asyncio.sleep(0)

    hashing.finish(3)
    await asyncio.gather(newer, older)

    assert hashing.started[1:] == ["newer", "older"]


@pytest.mark.parametrize(
    ("address", "order"),
    [
        pytest.param("198.51.100.1", ["sign-in", "registration"], id="sign-in from a new address"),
        pytest.param("192.0.2.1", ["registration", "sign-in"], id="repeated sign-in"),
    ],
)
async def test_a_sign_in_comes_before_a_registration_unless_its_address_has_had_more_hashes(
    hashing: Hashing, address: str, order: list[str]
) -> None:
    await hashing.fill(1)
    sign_in = hashing.ask("sign-in", address)
    await asyncio.sleep(0)
    registration = hashing.ask("registration", "203.0.113.1", is_registration=True)
    await asyncio.sleep(0)

    hashing.finish(3)
    await asyncio.gather(sign_in, registration)

    assert hashing.started[1:] == order


async def test_a_known_browser_is_next_during_a_flood_from_many_addresses(hashing: Hashing) -> None:
    flood = [hashing.ask(f"stranger {number}", f"192.0.2.{number}") for number in range(50)]
    await asyncio.sleep(0)

    known = hashing.ask("known", "198.51.100.1", is_known=True)
    await asyncio.sleep(0)
    hashing.finish(100)

    assert await known == "known"
    assert hashing.started[1] == "known"
    answers = await asyncio.gather(*flood, return_exceptions=True)
    assert sum(isinstance(answer, BusyError) for answer in answers) == 50 - PLACES  # one runs, and one was removed


async def test_an_unknown_browser_takes_no_place_of_a_known_one(hashing: Hashing) -> None:
    await hashing.fill(1 + PLACES, is_known=True)

    with pytest.raises(BusyError):
        await hashing.ask("stranger", "198.51.100.1")


async def test_a_cancelled_request_frees_its_place_and_is_not_hashed(hashing: Hashing) -> None:
    first, *waiting = await hashing.fill(1 + PLACES)

    for left in waiting[:3]:
        left.cancel()
    await asyncio.gather(*waiting[:3], return_exceptions=True)
    assert hashing.queue.waiting == PLACES - 3
    hashing.finish(1 + PLACES)
    await asyncio.gather(first, *waiting[3:])

    assert len(hashing.started) == 1 + PLACES - 3


async def test_a_running_hash_of_a_cancelled_request_keeps_its_slot_until_it_is_done(hashing: Hashing) -> None:
    first, second = await hashing.fill(2)
    await until(lambda: len(hashing.started) == 1, "the first began")

    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert len(hashing.started) == 1
    hashing.finish(2)
    await second

    assert hashing.at_once == 1


async def test_a_request_cancelled_at_its_turn_passes_the_turn_on(hashing: Hashing) -> None:
    first, second, third = await hashing.fill(3)
    first.add_done_callback(lambda _: second.cancel())

    hashing.finish(3)
    await asyncio.gather(first, second, return_exceptions=True)

    assert await third == "192.0.2.1 2"
