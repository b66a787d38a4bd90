import asyncio
from datetime import timedelta

import pytest

from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat import hub as hub_module
from streaming_app.backend.chat.event_conversion import messages_from_deliveries, rules_to_event
from streaming_app.backend.chat.hub import RECENT_MESSAGES, RESUME_MAX, ChatHub
from streaming_app.backend.chat.message_buffer import RING_SIZE
from streaming_app.backend.chat.model import ChatRules
from streaming_app.backend.chat.ports import ChatArchive
from streaming_app.backend.events import StreamEnded
from tests.unit.chat.subscribers import (
    START,
    Settings,
    SlowArchive,
    TextEncoder,
    Viewer,
    WelcomeRecorder,
    line,
    lines,
    make_hub,
    position,
    texts,
    welcome,
)


async def test_a_subscriber_gets_the_recent_messages_and_then_new_ones(hub: ChatHub, archive: ChatArchive) -> None:
    await archive.add(messages_from_deliveries([line(number) for number in range(60)]))
    viewer = Viewer()

    await hub.join("ch1", viewer, None, welcome)
    await hub.handle(lines(60))
    await hub.handle(lines(61))

    assert viewer.frames[0] == texts(range(10, 60))
    await viewer.has_read(texts(range(10, 62)))


async def test_messages_older_than_the_retention_are_not_shown_to_new_subscribers(archive: ChatArchive) -> None:
    hub = ChatHub(archive, Settings(), TextEncoder(), retention=timedelta(minutes=1))
    await hub.handle([line(0), line(1, seconds_apart=120)])
    viewer = Viewer()

    await hub.refresh_settings(START + timedelta(seconds=121))
    await hub.join("ch1", viewer, None, welcome)

    assert viewer.frames[0] == texts(range(1, 2))


async def test_messages_that_a_new_process_receives_late_are_not_sent_to_subscribers_who_have_them(
    hub: ChatHub, archive: ChatArchive
) -> None:
    await archive.add(messages_from_deliveries([line(number) for number in range(60)]))
    viewer = Viewer()
    await hub.join("ch1", viewer, None, welcome)

    await hub.handle([line(number) for number in range(63)])

    await viewer.has_read(texts(range(10, 63)))


async def test_all_subscribers_of_a_channel_get_the_same_frame_object(archive: ChatArchive) -> None:
    plain = TextEncoder()
    hub = ChatHub(archive, Settings(), plain)
    viewers = [Viewer() for _ in range(20)]
    for viewer in viewers:
        await hub.join("ch1", viewer, None, welcome)

    await hub.handle(lines(1, 2, 3))

    assert plain.encoded == [3]
    assert [viewer.frames for viewer in viewers] == [[[], ["1", "2", "3"]]] * 20


async def test_channels_are_separate(hub: ChatHub) -> None:
    here, there = Viewer(), Viewer()
    await hub.join("ch1", here, None, welcome)
    await hub.join("ch2", there, None, welcome)

    await hub.handle([line(1, "ch1"), line(2, "ch2"), line(3, "ch1")])

    assert (here.read, there.read) == (["1", "3"], ["2"])


async def test_other_events_are_ignored(hub: ChatHub) -> None:
    viewer = Viewer()
    await hub.join("ch1", viewer, None, welcome)

    await hub.handle(
        [Delivery(StreamEnded(at=START, channel_id="ch1", stream_id="s1", duration_seconds=1), position(1))]
    )

    assert viewer.read == []


async def test_messages_sent_while_the_archive_is_read_are_delivered_once(archive: ChatArchive) -> None:
    await archive.add(messages_from_deliveries(lines(1, 2, 3)))
    slow = SlowArchive(archive)
    hub, viewer = make_hub(slow), Viewer()
    joining = asyncio.create_task(hub.join("ch1", viewer, None, welcome))
    await slow.asked.wait()

    await hub.handle(lines(3, 4))
    await hub.handle(lines(5))
    slow.may_answer.set()
    await joining
    await hub.handle(lines(6))

    assert viewer.frames == [["1", "2", "3", "4", "5"], ["6"]]


async def test_waiting_messages_are_not_sent_twice_to_a_new_subscriber(hub: ChatHub) -> None:
    early, late = Viewer(), Viewer()
    await hub.join("ch1", early, None, welcome)
    await hub.handle(lines(1))
    await hub.handle(lines(2))

    await hub.join("ch1", late, None, welcome)
    await hub.handle(lines(3))

    for viewer in (early, late):
        await viewer.has_read(["1", "2", "3"])


async def test_a_message_read_from_the_archive_before_the_bus_brings_it_is_shown_once(
    hub: ChatHub, archive: ChatArchive
) -> None:
    await hub.handle(lines(1))
    await archive.add(messages_from_deliveries(lines(1, 2, 3)))
    early, late = Viewer(), Viewer()
    await hub.join("ch1", early, None, welcome)

    await hub.handle(lines(2))
    await hub.join("ch1", late, None, welcome)
    await hub.handle(lines(3, 4))
    await hub.handle(lines(5))

    for viewer in (early, late):
        await viewer.has_read(texts(range(1, 6)))


async def test_resuming_continues_after_the_last_message_seen(hub: ChatHub, archive: ChatArchive) -> None:
    await archive.add(messages_from_deliveries([line(number) for number in range(400)]))
    viewer, greeter = Viewer(), WelcomeRecorder()

    await hub.join("ch1", viewer, position(99), greeter)

    assert viewer.read == texts(range(100, 400))
    assert greeter.snapshot.resumed


async def test_resuming_without_missed_messages_sends_none(hub: ChatHub, archive: ChatArchive) -> None:
    await archive.add(messages_from_deliveries(lines(1, 2)))
    viewer = Viewer()

    await hub.join("ch1", viewer, position(2), welcome)

    assert viewer.frames == [[]]


async def test_messages_seen_in_another_process_are_not_sent_again(hub: ChatHub) -> None:
    viewer = Viewer()
    await hub.handle(lines(1, 2))

    await hub.join("ch1", viewer, position(4), welcome)
    await hub.handle(lines(3))
    await hub.handle(lines(4, 5))
    await hub.handle(lines(6))

    await viewer.has_read(["5", "6"])


async def test_resuming_after_too_many_missed_messages_sends_the_recent_ones(
    hub: ChatHub, archive: ChatArchive
) -> None:
    count = RESUME_MAX + 2
    await archive.add(messages_from_deliveries([line(number) for number in range(count)]))
    viewer, greeter = Viewer(), WelcomeRecorder()

    await hub.join("ch1", viewer, position(0), greeter)

    assert viewer.read == texts(range(count - RECENT_MESSAGES, count))
    assert not greeter.snapshot.resumed


async def test_resuming_from_messages_in_memory_does_not_read_the_archive(archive: ChatArchive) -> None:
    never = SlowArchive(archive)
    hub, viewer = make_hub(never), Viewer()
    await hub.handle([line(number) for number in range(60)])

    await hub.join("ch1", viewer, position(40), welcome)

    assert viewer.read == texts(range(41, 60))


async def test_resuming_includes_messages_that_are_not_archived_yet(hub: ChatHub, archive: ChatArchive) -> None:
    await archive.add(messages_from_deliveries(lines(1, 2)))
    await hub.handle(lines(3, 4))
    viewer = Viewer()

    await hub.join("ch1", viewer, position(1), welcome)

    assert viewer.read == ["2", "3", "4"]


async def test_a_room_keeps_a_limited_number_of_messages(archive: ChatArchive) -> None:
    slow = SlowArchive(archive)
    slow.may_answer.set()
    hub = make_hub(slow)
    await hub.handle([line(number, seconds_apart=60) for number in range(RING_SIZE + 50)])

    await hub.join("ch1", Viewer(), position(50), welcome)
    remembered = not slow.asked.is_set()
    await hub.join("ch1", Viewer(), position(49), welcome)

    assert remembered
    assert slow.asked.is_set()


async def test_a_room_keeps_more_messages_while_the_archive_may_lag(hub: ChatHub) -> None:
    viewer = Viewer()
    await hub.handle([line(number) for number in range(RING_SIZE + 50)])

    await hub.join("ch1", viewer, position(0), welcome)

    assert viewer.read == texts(range(1, RING_SIZE + 50))


async def test_a_subscriber_gets_nothing_after_unsubscribing(hub: ChatHub) -> None:
    stays, leaves = Viewer(), Viewer()
    await hub.join("ch1", stays, None, welcome)
    await hub.join("ch1", leaves, None, welcome)

    hub.unsubscribe("ch1", leaves)
    hub.unsubscribe("ch1", leaves)
    await hub.handle(lines(1))

    assert (stays.read, leaves.read) == (["1"], [])
    assert hub.subscriber_count("ch1") == 1


async def test_unsubscribing_while_joining_leaves_no_subscriber(archive: ChatArchive) -> None:
    slow = SlowArchive(archive)
    hub, viewer = make_hub(slow), Viewer()
    joining = asyncio.create_task(hub.join("ch1", viewer, None, welcome))
    await slow.asked.wait()

    joining.cancel()
    await asyncio.wait([joining])

    assert hub.subscriber_count("ch1") == 0
    assert viewer.frames == []


async def test_subscribers_are_counted_by_channel(hub: ChatHub) -> None:
    for _ in range(3):
        await hub.join("ch1", Viewer(), None, welcome)
    await hub.join("ch2", Viewer(), None, welcome)

    assert [hub.subscriber_count(channel_id) for channel_id in ("ch1", "ch2", "ch3")] == [3, 1, 0]


async def test_an_idle_room_without_subscribers_is_removed(hub: ChatHub, monkeypatch: pytest.MonkeyPatch) -> None:
    watching, first, second = Viewer(), Viewer(), Viewer()
    await hub.join("watched", watching, None, welcome)
    await hub.handle([line(1, "silent"), line(2, "watched")])
    await hub.join("silent", first, position(0), welcome)
    hub.unsubscribe("silent", first)
    monkeypatch.setattr(hub_module, "CHAT_LOOKBACK", timedelta(seconds=-1))

    hub.remove_idle_rooms()
    await hub.join("silent", second, position(0), welcome)
    await hub.handle([line(3, "watched")])

    assert (first.read, second.read) == (["1"], [])
    await watching.has_read(["2", "3"])


async def test_messages_in_a_busy_room_are_batched_in_order(hub: ChatHub) -> None:
    viewer = Viewer()
    await hub.join("ch1", viewer, None, welcome)

    for number in range(1000):
        await hub.handle(lines(number))
    await viewer.has_read(texts(range(1000)))

    assert len(viewer.frames) < 1000


async def test_rules_and_pin_are_read_again_if_their_event_was_lost(archive: ChatArchive) -> None:
    notices, viewer = Settings(), Viewer()
    hub = ChatHub(archive, notices, TextEncoder())
    await hub.join("ch1", viewer, None, welcome)
    notices.kept = ChatRules(slow_seconds=30)
    [notices.pin] = messages_from_deliveries([line(1)])

    await hub.refresh_settings(START)
    await hub.refresh_settings(START)

    assert viewer.frames[1:] == ["ChatRulesChanged", "ChatPinned"]
    arrived = WelcomeRecorder()
    await hub.join("ch1", Viewer(), None, arrived)
    assert (arrived.snapshot.rules, arrived.snapshot.pinned) == (ChatRules(slow_seconds=30), notices.pin)


async def test_an_event_during_a_refresh_of_the_settings_takes_precedence(archive: ChatArchive) -> None:
    notices, viewer = Settings(), Viewer()
    hub = ChatHub(archive, notices, TextEncoder())
    await hub.join("ch1", viewer, None, welcome)
    notices.asked.clear()
    notices.may_answer.clear()
    notices.kept = ChatRules(slow_seconds=30)

    correcting = asyncio.create_task(hub.refresh_settings(START))
    await notices.asked.wait()
    await hub.handle([Delivery(rules_to_event("ch1", ChatRules(slow_seconds=60), START), 1)])
    notices.may_answer.set()
    await correcting

    assert viewer.frames[1:] == ["ChatRulesChanged"]


async def test_settings_of_rooms_without_subscribers_are_not_refreshed(archive: ChatArchive) -> None:
    notices, viewer = Settings(), Viewer()
    hub = ChatHub(archive, notices, TextEncoder())
    await hub.join("ch1", viewer, None, welcome)
    hub.unsubscribe("ch1", viewer)
    reads = notices.reads

    await hub.refresh_settings(START)

    assert notices.reads == reads
