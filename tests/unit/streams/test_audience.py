"""Viewers of all web processes, some of them without an id."""

from streaming_app.backend.bus import Delivery
from streaming_app.backend.events import StreamEnded, ViewersCounted
from streaming_app.backend.streams.audience import COUNT_TTL_SECONDS, Audience
from tests.unit.streams.conftest import Clock


def _counted(clock: Clock, process_id: str, viewers: int, channel_id: str = "c1") -> ViewersCounted:
    """Return a count of a process that sends no ids."""
    return ViewersCounted(at=clock.now, channel_id=channel_id, process_id=process_id, viewers=viewers)


def _watch(
    clock: Clock,
    process_id: str,
    *came: str,
    went: tuple[str, ...] = (),
    viewers: int | None = None,
    whole: bool = False,
) -> ViewersCounted:
    number = len(came) if viewers is None else viewers
    return ViewersCounted(
        at=clock.now, channel_id="c1", process_id=process_id, viewers=number, whole=whole, came=came, went=went
    )


def test_a_channel_without_counts_has_no_viewers(clock: Clock) -> None:
    assert Audience(clock.seconds).viewers("c1") == 0


def test_the_counts_of_all_processes_are_summed(clock: Clock) -> None:
    audience = Audience(clock.seconds)

    audience.apply(_counted(clock, "p1", 3))
    audience.apply(_counted(clock, "p2", 4))
    audience.apply(_counted(clock, "p2", 9, channel_id="c2"))

    assert audience.viewers("c1") == 7


def test_a_process_that_counts_again_replaces_its_count(clock: Clock) -> None:
    audience = Audience(clock.seconds)

    audience.apply(_counted(clock, "p1", 3))
    audience.apply(_counted(clock, "p1", 1))
    assert audience.viewers("c1") == 1
    audience.apply(_counted(clock, "p1", 0))
    assert audience.viewers("c1") == 0


def test_viewers_of_a_dead_process_expire(clock: Clock) -> None:
    audience = Audience(clock.seconds)
    audience.apply(_counted(clock, "p1", 3))
    clock.pass_seconds(20)
    audience.apply(_counted(clock, "p2", 4))

    clock.pass_seconds(COUNT_TTL_SECONDS - 19)

    assert audience.viewers("c1") == 4


def test_a_count_of_zero_for_an_uncounted_channel_is_accepted(clock: Clock) -> None:
    audience = Audience(clock.seconds)

    audience.apply(_counted(clock, "p1", 0))

    assert audience.viewers("c1") == 0


async def test_counts_are_read_among_other_events(clock: Clock) -> None:
    audience = Audience(clock.seconds)
    other = StreamEnded(at=clock.now, channel_id="c1", stream_id="s1", duration_seconds=1)

    await audience.handle([Delivery(other, 1), Delivery(_counted(clock, "p1", 3), 2)])

    assert audience.viewers("c1") == 3


def test_a_viewer_in_two_processes_counts_once(clock: Clock) -> None:
    audience = Audience(clock.seconds)

    audience.apply(_watch(clock, "p1", "@ann", "x1", whole=True))
    audience.apply(_watch(clock, "p2", "@ann", "x2", whole=True))
    assert audience.viewers("c1") == 3
    audience.apply(_watch(clock, "p1", went=("@ann",), viewers=1))
    assert audience.viewers("c1") == 3
    audience.apply(_watch(clock, "p2", went=("@ann",), viewers=1))
    assert audience.viewers("c1") == 2


def test_viewers_without_an_id_yet_are_counted(clock: Clock) -> None:
    audience = Audience(clock.seconds)

    audience.apply(_watch(clock, "p1", "x1", viewers=5))
    assert audience.viewers("c1") == 5
    audience.apply(_watch(clock, "p1", "x2", "x3", viewers=5))
    assert audience.viewers("c1") == 5
    audience.apply(_watch(clock, "p1", "x1", "x2", "x3", "x4", "x5", whole=True))
    assert audience.viewers("c1") == 5


def test_a_full_report_of_a_process_corrects_missed_changes(clock: Clock) -> None:
    audience = Audience(clock.seconds)
    audience.apply(_watch(clock, "p1", "x1", "x2", whole=True))

    audience.apply(_watch(clock, "p1", "x2", "x3", whole=True))

    assert audience.viewers("c1") == 2


def test_a_repeated_report_changes_nothing(clock: Clock) -> None:
    audience = Audience(clock.seconds)

    for _ in range(2):
        audience.apply(_watch(clock, "p1", "x1", "x2", whole=True))
        audience.apply(_watch(clock, "p1", "x3", went=("x1", "x9"), viewers=2))

    assert audience.viewers("c1") == 2


def test_a_viewer_of_a_dead_process_stays_if_another_process_has_them(clock: Clock) -> None:
    audience = Audience(clock.seconds)
    audience.apply(_watch(clock, "p1", "@ann", "x1", whole=True))
    clock.pass_seconds(20)
    audience.apply(_watch(clock, "p2", "@ann", whole=True))

    clock.pass_seconds(COUNT_TTL_SECONDS - 19)

    assert audience.viewers("c1") == 1
    assert audience.signed_in("c1", 10) == ["ann"]


def test_viewers_of_the_own_process_do_not_expire(clock: Clock) -> None:
    audience = Audience(clock.seconds)
    audience.join("c1", "own", "x1")
    audience.join("c1", "own", "@ann")

    clock.pass_seconds(COUNT_TTL_SECONDS * 10)
    assert audience.viewers("c1") == 2
    audience.leave("c1", "own", "x1")
    audience.leave("c1", "own", "@ann")

    assert audience.viewers("c1") == 0


def test_only_signed_in_viewers_are_listed_by_name(clock: Clock) -> None:
    audience = Audience(clock.seconds)

    audience.apply(_watch(clock, "p1", "@bob", "x1", "@Ann", "@cem", whole=True))

    assert audience.signed_in("c1", 10) == ["Ann", "bob", "cem"]
    assert audience.signed_in("c1", 2) == ["Ann", "bob"]
