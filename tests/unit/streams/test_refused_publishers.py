"""Refused publishers, as the owner of the channel sees them."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from streaming_app.backend.events import VIEWS_TOPIC
from streaming_app.backend.rate_limit import limits_in_process
from streaming_app.backend.streams.refused_publishers import BURST, CHANNELS_MAX, REFUSALS_MAX, RefusedPublishers
from tests.rig.call_counting import count_calls
from tests.rig.conditions import until
from tests.unit.streams.conftest import OBS, Studio

WHY = "Invalid stream key."


class Seconds:
    """A monotonic clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def reads() -> Counter[str]:
    return Counter()


@pytest.fixture
async def refusals(studio: Studio, seconds: Seconds, reads: Counter[str]) -> AsyncIterator[RefusedPublishers]:
    refusals = RefusedPublishers(
        count_calls(studio.store.channels, reads), studio.bus, studio.clock, limits_in_process(seconds)
    )
    async with studio.bus.subscribe([VIEWS_TOPIC], refusals.handle):
        yield refusals


async def test_a_refusal_has_time_address_and_reason(studio: Studio, refusals: RefusedPublishers) -> None:
    channel_id = studio.channel.channel_id

    await refusals.record(channel_id, OBS, WHY)
    await until(lambda: bool(refusals.newest(channel_id)), "it was heard")

    [refusal] = refusals.newest(channel_id)
    assert (refusal.at, refusal.address, refusal.software) == (studio.clock.now, OBS.address, OBS.software)
    assert (refusal.reason, refusal.count) == (WHY, 1)


async def test_repeated_refusals_are_counted_and_ordered_newest_first(
    studio: Studio, refusals: RefusedPublishers
) -> None:
    channel_id = studio.channel.channel_id

    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
        await refusals.record(channel_id, replace(OBS, address=address), WHY)
    await until(lambda: [r.count for r in refusals.newest(channel_id)] == [2, 1], "all were heard")

    assert [refusal.address for refusal in refusals.newest(channel_id)] == ["192.0.2.1", "192.0.2.2"]


async def test_hundreds_of_refusals_cause_few_reads_and_events(
    studio: Studio, refusals: RefusedPublishers, seconds: Seconds, reads: Counter[str]
) -> None:
    channel_id = studio.channel.channel_id

    for _ in range(300):
        await refusals.record(channel_id, OBS, WHY)
    await until(lambda: [r.count for r in refusals.newest(channel_id)] == [BURST], "those within the limit were heard")
    assert reads["get"] == BURST
    seconds.now += 10
    await refusals.record(channel_id, OBS, WHY)

    await until(lambda: [r.count for r in refusals.newest(channel_id)] == [BURST + 1], "one more was heard")


async def test_refusals_of_an_unknown_channel_are_not_kept(refusals: RefusedPublishers) -> None:
    await refusals.record("c-nowhere", OBS, WHY)

    assert refusals.newest("c-nowhere") == []


async def test_only_the_newest_refusals_are_kept(studio: Studio, refusals: RefusedPublishers, seconds: Seconds) -> None:
    channel_id = studio.channel.channel_id

    for number in range(REFUSALS_MAX + 3):
        seconds.now += 10
        await refusals.record(channel_id, replace(OBS, address=f"192.0.2.{number}"), WHY)
    await until(lambda: refusals.newest(channel_id)[:1] != [], "some were heard")
    await until(
        lambda: refusals.newest(channel_id)[0].address == f"192.0.2.{REFUSALS_MAX + 2}", "the last of them was heard"
    )

    assert len(refusals.newest(channel_id)) == REFUSALS_MAX
    assert CHANNELS_MAX * REFUSALS_MAX <= 10_000, "a few megabytes at most"
