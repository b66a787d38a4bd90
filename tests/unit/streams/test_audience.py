"""Viewers, summed over web processes."""

from datetime import timedelta

from streaming_app.backend.bus import Delivery
from streaming_app.backend.events import StreamEnded, ViewersCounted
from streaming_app.backend.streams.audience import COUNT_LIFETIME, Audience
from tests.unit.streams.conftest import Clock


def _counted(clock: Clock, process_id: str, viewers: int, channel_id: str = "c1") -> ViewersCounted:
    return ViewersCounted(at=clock.now, channel_id=channel_id, process_id=process_id, viewers=viewers)


def test_a_channel_that_nobody_counted_has_no_viewers(clock: Clock) -> None:
    assert Audience(clock).viewers("c1") == 0


def test_the_counts_of_all_processes_are_summed(clock: Clock) -> None:
    audience = Audience(clock)

    audience.count(_counted(clock, "p1", 3))
    audience.count(_counted(clock, "p2", 4))
    audience.count(_counted(clock, "p2", 9, channel_id="c2"))

    assert audience.viewers("c1") == 7


def test_a_process_that_counts_again_replaces_its_count(clock: Clock) -> None:
    audience = Audience(clock)

    audience.count(_counted(clock, "p1", 3))
    audience.count(_counted(clock, "p1", 1))
    assert audience.viewers("c1") == 1
    audience.count(_counted(clock, "p1", 0))
    assert audience.viewers("c1") == 0


def test_the_viewers_of_a_process_that_died_are_forgotten(clock: Clock) -> None:
    audience = Audience(clock)
    audience.count(_counted(clock, "p1", 3))
    clock.pass_seconds(20)
    audience.count(_counted(clock, "p2", 4))

    clock.pass_seconds((COUNT_LIFETIME - timedelta(seconds=19)).total_seconds())

    assert audience.viewers("c1") == 4


def test_a_count_of_nobody_on_a_channel_that_nobody_counted_is_fine(clock: Clock) -> None:
    audience = Audience(clock)

    audience.count(_counted(clock, "p1", 0))

    assert audience.viewers("c1") == 0


async def test_counts_are_heard_among_other_events(clock: Clock) -> None:
    audience = Audience(clock)
    other = StreamEnded(at=clock.now, channel_id="c1", stream_id="s1", duration_seconds=1)

    await audience.hear([Delivery(other, 1), Delivery(_counted(clock, "p1", 3), 2)])

    assert audience.viewers("c1") == 3
