"""Viewers over web processes: sets, of whose members some have no name yet."""

from streaming_app.backend.bus import Delivery
from streaming_app.backend.events import StreamEnded, ViewersCounted
from streaming_app.backend.streams.audience import COUNT_TTL_SECONDS, Audience
from tests.unit.streams.conftest import Clock


def _counted(clock: Clock, process_id: str, viewers: int, channel_id: str = "c1") -> ViewersCounted:
    """As a process says it that names nobody."""
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


def test_a_channel_that_nobody_counted_has_no_viewers(clock: Clock) -> None:
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


def test_the_viewers_of_a_process_that_died_are_forgotten(clock: Clock) -> None:
    audience = Audience(clock.seconds)
    audience.apply(_counted(clock, "p1", 3))
    clock.pass_seconds(20)
    audience.apply(_counted(clock, "p2", 4))

    clock.pass_seconds(COUNT_TTL_SECONDS - 19)

    assert audience.viewers("c1") == 4


def test_a_count_of_nobody_on_a_channel_that_nobody_counted_is_fine(clock: Clock) -> None:
    audience = Audience(clock.seconds)

    audience.apply(_counted(clock, "p1", 0))

    assert audience.viewers("c1") == 0


async def test_counts_are_heard_among_other_events(clock: Clock) -> None:
    audience = Audience(clock.seconds)
    other = StreamEnded(at=clock.now, channel_id="c1", stream_id="s1", duration_seconds=1)

    await audience.handle([Delivery(other, 1), Delivery(_counted(clock, "p1", 3), 2)])

    assert audience.viewers("c1") == 3


def test_a_viewer_in_two_processes_is_one(clock: Clock) -> None:
    audience = Audience(clock.seconds)

    audience.apply(_watch(clock, "p1", "@ann", "x1", whole=True))
    audience.apply(_watch(clock, "p2", "@ann", "x2", whole=True))
    assert audience.viewers("c1") == 3
    audience.apply(_watch(clock, "p1", went=("@ann",), viewers=1))
    assert audience.viewers("c1") == 3
    audience.apply(_watch(clock, "p2", went=("@ann",), viewers=1))
    assert audience.viewers("c1") == 2


def test_who_was_not_named_yet_is_counted_all_the_same(clock: Clock) -> None:
    audience = Audience(clock.seconds)

    audience.apply(_watch(clock, "p1", "x1", viewers=5))
    assert audience.viewers("c1") == 5
    audience.apply(_watch(clock, "p1", "x2", "x3", viewers=5))
    assert audience.viewers("c1") == 5
    audience.apply(_watch(clock, "p1", "x1", "x2", "x3", "x4", "x5", whole=True))
    assert audience.viewers("c1") == 5


def test_what_was_missed_is_mended_when_a_process_says_everything_again(clock: Clock) -> None:
    audience = Audience(clock.seconds)
    audience.apply(_watch(clock, "p1", "x1", "x2", whole=True))

    audience.apply(_watch(clock, "p1", "x2", "x3", whole=True))

    assert audience.viewers("c1") == 2


def test_the_same_news_twice_changes_nothing(clock: Clock) -> None:
    audience = Audience(clock.seconds)

    for _ in range(2):
        audience.apply(_watch(clock, "p1", "x1", "x2", whole=True))
        audience.apply(_watch(clock, "p1", "x3", went=("x1", "x9"), viewers=2))

    assert audience.viewers("c1") == 2


def test_a_viewer_of_a_process_that_died_who_is_elsewhere_too_stays(clock: Clock) -> None:
    audience = Audience(clock.seconds)
    audience.apply(_watch(clock, "p1", "@ann", "x1", whole=True))
    clock.pass_seconds(20)
    audience.apply(_watch(clock, "p2", "@ann", whole=True))

    clock.pass_seconds(COUNT_TTL_SECONDS - 19)

    assert audience.viewers("c1") == 1
    assert audience.signed_in("c1", 10) == ["ann"]


def test_the_own_process_does_not_fall_silent(clock: Clock) -> None:
    audience = Audience(clock.seconds)
    audience.join("c1", "own", "x1")
    audience.join("c1", "own", "@ann")

    clock.pass_seconds(COUNT_TTL_SECONDS * 10)
    assert audience.viewers("c1") == 2
    audience.leave("c1", "own", "x1")
    audience.leave("c1", "own", "@ann")

    assert audience.viewers("c1") == 0


def test_who_is_signed_in_is_listed_by_name_and_others_are_not(clock: Clock) -> None:
    audience = Audience(clock.seconds)

    audience.apply(_watch(clock, "p1", "@bob", "x1", "@Ann", "@cem", whole=True))

    assert audience.signed_in("c1", 10) == ["Ann", "bob", "cem"]
    assert audience.signed_in("c1", 2) == ["Ann", "bob"]
