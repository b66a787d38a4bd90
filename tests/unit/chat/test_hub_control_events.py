"""Control events of the hub: order, and viewers who join meanwhile."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat.event_conversion import messages_from_deliveries
from streaming_app.backend.chat.hub import RESUME_MAX, ChatHub
from streaming_app.backend.chat.message_buffer import RING_SIZE
from streaming_app.backend.chat.model import ChatMessage, ChatRules
from streaming_app.backend.chat.ports import ChatArchive
from streaming_app.backend.events import (
    ChatEmotesChanged,
    ChatMessageSent,
    ChatModerated,
    ChatPinned,
    ChatRulesChanged,
    ChatterBanned,
    QuotedMessagePayload,
)
from tests.rig.conditions import until
from tests.unit.chat.subscribers import (
    START,
    Settings,
    SlowArchive,
    TextEncoder,
    Viewer,
    WelcomeRecorder,
    cleared,
    deleted,
    line,
    lines,
    make_hub,
    position,
    restored,
    texts,
    welcome,
)


def _rules(slow_seconds: int) -> Delivery:
    event = ChatRulesChanged(
        at=START, channel_id="ch1", slow_seconds=slow_seconds, followers_only_minutes=None, account_age_minutes=0
    )
    return Delivery(event, position(900))


async def _shown_to_new_subscriber(hub: ChatHub) -> list[str]:
    viewer = Viewer()
    await hub.join("ch1", viewer, None, welcome)
    return viewer.read


async def test_control_events_are_in_order_with_messages(hub: ChatHub) -> None:
    viewer = Viewer()
    await hub.join("ch1", viewer, None, welcome)

    banned = ChatterBanned(at=START, channel_id="ch1", user_id="u9", username="Troll", until=None, reason="")
    await hub.handle([*lines(1, 2), Delivery(banned, position(2.5)), line(3), deleted(2, at=3.5), line(4)])
    await viewer.has_read(["1", "2", "3", "4"])

    assert viewer.frames == [[], ["1", "2"], "ChatterBanned", ["3"], "ChatMessagesDeleted", ["4"]]


async def test_control_events_in_a_busy_room_follow_the_waiting_messages(hub: ChatHub) -> None:
    viewer = Viewer()
    await hub.join("ch1", viewer, None, welcome)

    for number in range(100):
        await hub.handle([line(number), deleted(number, at=number + 0.5, entry_id=f"e{number}")])

    assert viewer.frames == [[], *(f for n in range(100) for f in ([str(n)], "ChatMessagesDeleted"))]


async def test_a_new_subscriber_gets_no_deleted_message(hub: ChatHub) -> None:
    await hub.handle([*lines(1, 2, 3), line(4, user_id="u2")])

    await hub.join("ch1", Viewer(), None, welcome)
    await hub.handle([deleted(2, at=4.5, entry_id="e1"), cleared("u2", at=5, entry_id="e2"), line(6, user_id="u2")])

    assert await _shown_to_new_subscriber(hub) == ["1", "3", "6"]


async def test_a_message_deleted_while_the_archive_is_read_is_not_shown(archive: ChatArchive) -> None:
    await archive.add(messages_from_deliveries(lines(1, 2, 3)))
    slow = SlowArchive(archive)
    hub, viewer = make_hub(slow), Viewer()
    joining = asyncio.create_task(hub.join("ch1", viewer, None, welcome))
    await slow.asked.wait()

    await hub.handle([deleted(2, at=3.5)])
    slow.may_answer.set()
    await joining

    assert viewer.frames == [["1", "3"]]


async def test_a_deletion_while_resuming_is_sent(archive: ChatArchive) -> None:
    await archive.add(messages_from_deliveries(lines(1, 2, 3)))
    slow = SlowArchive(archive)
    hub, viewer = make_hub(slow), Viewer()
    joining = asyncio.create_task(hub.join("ch1", viewer, position(2), welcome))
    await slow.asked.wait()

    await hub.handle([deleted(1, at=3.5)])
    slow.may_answer.set()
    await joining

    assert viewer.frames == [["3"], "ChatMessagesDeleted"]


async def test_resuming_includes_the_ids_of_deleted_messages(hub: ChatHub, archive: ChatArchive) -> None:
    await archive.add(messages_from_deliveries(lines(1, 2, 3)))
    await archive.delete("ch1", "e1", ["ch1-1"])
    greeter = WelcomeRecorder()

    await hub.join("ch1", Viewer(), position(2), greeter)

    assert greeter.snapshot.deleted == ["ch1-1"]
    assert [message.text for message in greeter.snapshot.messages] == ["3"]


async def test_viewers_who_resume_share_a_read_until_messages_are_deleted_or_restored(archive: ChatArchive) -> None:
    counting = SlowArchive(archive)
    counting.may_answer.set()
    hub = make_hub(counting)
    await archive.add(messages_from_deliveries(lines(1, 2, 3, 4)))

    async def told(after: float) -> list[str]:
        greeter = WelcomeRecorder()
        await hub.join("ch1", Viewer(), position(after), greeter)
        return sorted(greeter.snapshot.deleted)

    await archive.delete("ch1", "e1", ["ch1-1"])
    assert [await told(after) for after in (1, 2, 3)] == [["ch1-1"]] * 3
    assert counting.reads_of_deleted == 1

    await archive.delete("ch1", "e2", ["ch1-2"])
    await hub.handle([deleted(2, at=4.5, entry_id="e2")])
    assert [await told(after) for after in (2, 3)] == [["ch1-1", "ch1-2"]] * 2

    await archive.restore("ch1", "e1")
    await hub.handle([restored(1, at=5, entry_id="e1")])
    assert [await told(after) for after in (2, 3)] == [["ch1-2"]] * 2
    assert counting.reads_of_deleted == 3


async def test_a_read_from_before_a_deletion_is_not_shared_after_it(archive: ChatArchive) -> None:
    slow = SlowArchive(archive)
    slow.may_answer.set()
    slow.deleted_may_be_told.clear()
    hub, greeter = make_hub(slow), WelcomeRecorder()
    await archive.add(messages_from_deliveries(lines(1, 2, 3)))
    early = asyncio.create_task(hub.join("ch1", Viewer(), position(2), welcome))
    await until(lambda: slow.reads_of_deleted == 1, "the archive was read")
    await archive.delete("ch1", "e1", ["ch1-1"])
    await hub.handle([deleted(1, at=3.5, entry_id="e1")])

    late = asyncio.create_task(hub.join("ch1", Viewer(), position(2), greeter))
    await until(lambda: slow.reads_of_deleted == 2, "the archive was read again")
    slow.deleted_may_be_told.set()
    await asyncio.gather(early, late)

    assert greeter.snapshot.deleted == ["ch1-1"]


async def test_deleted_messages_count_as_missed(hub: ChatHub, archive: ChatArchive) -> None:
    await archive.add(messages_from_deliveries([line(number) for number in range(RESUME_MAX + 10)]))
    await archive.delete("ch1", "e1", [f"ch1-{number}" for number in range(5, RESUME_MAX + 5)])
    greeter = WelcomeRecorder()

    await hub.join("ch1", Viewer(), position(2), greeter)

    assert not greeter.snapshot.resumed
    assert greeter.snapshot.deleted == []


async def test_restored_messages_return_to_their_positions(hub: ChatHub) -> None:
    await hub.handle(lines(1, 2, 3, 4))
    await hub.join("ch1", Viewer(), None, welcome)
    await hub.handle([deleted(2, 3, at=4.5)])

    await hub.handle([restored(2, 3, at=5)])

    assert await _shown_to_new_subscriber(hub) == ["1", "2", "3", "4"]


async def test_a_message_deleted_twice_stays_deleted_after_one_undo(hub: ChatHub) -> None:
    await hub.handle(lines(1, 2, 3))
    await hub.join("ch1", Viewer(), None, welcome)
    await hub.handle([deleted(2, at=3.5, entry_id="e1"), cleared("u1", at=4, entry_id="e2")])

    await hub.handle([restored(2, at=5, entry_id="e1")])

    assert await _shown_to_new_subscriber(hub) == []


async def test_older_restored_messages_are_read_from_the_archive(hub: ChatHub, archive: ChatArchive) -> None:
    said = [line(number, seconds_apart=60) for number in range(RING_SIZE + 50)]
    await archive.add(messages_from_deliveries(said))
    await hub.handle(said)
    await hub.join("ch1", Viewer(), None, welcome)

    await hub.handle([deleted(20, at=900), restored(20, at=901)])
    viewer = Viewer()
    await hub.join("ch1", viewer, position(10), welcome)

    assert viewer.read == texts(range(11, RING_SIZE + 50))


async def test_rules_and_pin_are_read_once_and_then_updated_by_events(archive: ChatArchive) -> None:
    notices, greeter = Settings(), WelcomeRecorder()
    hub = ChatHub(archive, notices, TextEncoder())
    await asyncio.gather(*(hub.join("ch1", Viewer(), None, greeter) for _ in range(20)))
    first = greeter.snapshot.rules

    await hub.handle([_rules(30)])
    await hub.join("ch1", Viewer(), None, greeter)

    assert (first, greeter.snapshot.rules) == (ChatRules(slow_seconds=5), ChatRules(slow_seconds=30))
    assert notices.reads == 1


async def test_rules_and_pin_changed_during_a_read_are_the_new_ones(archive: ChatArchive) -> None:
    notices, greeter = Settings(), WelcomeRecorder()
    notices.pin = ChatMessage("old", "ch1", "u1", "Ada", "old", START - timedelta(hours=1), 1)
    notices.may_answer.clear()
    hub = ChatHub(archive, notices, TextEncoder())
    joining = asyncio.create_task(hub.join("ch1", Viewer(), None, greeter))
    await notices.asked.wait()

    await hub.handle([_rules(30), Delivery(ChatPinned(at=START, channel_id="ch1", line=None), position(901))])
    notices.may_answer.set()
    await joining

    assert (greeter.snapshot.rules.slow_seconds, greeter.snapshot.pinned) == (30, None)


async def test_concurrent_reads_of_the_archive_are_shared(archive: ChatArchive) -> None:
    await archive.add(messages_from_deliveries(lines(1, 2, 3)))
    slow = SlowArchive(archive)
    hub, viewers = make_hub(slow), [Viewer() for _ in range(50)]
    joining = [asyncio.create_task(hub.join("ch1", viewer, position(1), welcome)) for viewer in viewers]
    await slow.asked.wait()

    joining[0].cancel()
    slow.may_answer.set()
    await asyncio.wait(joining)

    assert slow.reads == 1
    assert [viewer.read for viewer in viewers[1:]] == [["2", "3"]] * 49


async def test_moderation_updates_are_reported_once(hub: ChatHub) -> None:
    viewer = Viewer()
    await hub.join("ch1", viewer, None, welcome)

    for number in range(5):
        await hub.handle([Delivery(ChatModerated(at=START, channel_id="ch1"), position(number))])

    assert hub.pop_moderation_updates() == ["ch1"]
    assert hub.pop_moderation_updates() == []
    assert viewer.frames == [[]]


async def test_a_control_event_creates_no_room(hub: ChatHub) -> None:
    await hub.handle([Delivery(ChatEmotesChanged(at=START, channel_id="ch1"), position(1))])

    assert hub.subscriber_count("ch1") == 0
    assert await _shown_to_new_subscriber(hub) == []


async def test_a_message_delivered_twice_is_shown_once(hub: ChatHub) -> None:
    viewer = Viewer()
    await hub.join("ch1", viewer, None, welcome)

    await hub.handle([*lines(1, 2, 2)])
    await hub.handle([replace(line(1), position=position(3)), line(4)])

    await viewer.has_read(["1", "2", "4"])
    assert await _shown_to_new_subscriber(hub) == ["1", "2", "4"]


async def test_a_message_delivered_again_after_its_deletion_stays_deleted(hub: ChatHub) -> None:
    viewer = Viewer()
    await hub.join("ch1", viewer, None, welcome)

    await hub.handle([line(1), deleted(1, at=1.5), replace(line(1), position=position(2)), line(3)])

    await viewer.has_read(["1", "3"])
    assert await _shown_to_new_subscriber(hub) == ["3"]


def answer(number: int, to: int, words: str) -> Delivery:
    plain = line(number, user_id="u2")
    assert isinstance(plain.event, ChatMessageSent)
    quoted = QuotedMessagePayload(message_id=f"ch1-{to}", username="Ada", text=words)
    return replace(plain, event=plain.event.model_copy(update={"reply_to": quoted}))


async def _quotes(hub: ChatHub) -> list[str]:
    """Return the quotes that a new subscriber receives."""
    greeter = WelcomeRecorder()
    await hub.join("ch1", Viewer(), None, greeter)
    return [message.reply_to.text for message in greeter.snapshot.messages if message.reply_to]


@pytest.mark.parametrize("act", [deleted(1, at=3), cleared("u1", at=3)])
async def test_a_deleted_message_is_no_longer_quoted(hub: ChatHub, act: Delivery) -> None:
    await hub.handle([line(1), answer(2, 1, "1"), act])
    assert await _quotes(hub) == [""]

    await hub.handle([restored(1, at=4)])

    assert await _quotes(hub) == ["1"]


async def test_a_reply_during_a_deletion_does_not_quote_the_message(hub: ChatHub) -> None:
    await hub.handle([line(1), deleted(1, at=2), answer(3, 1, "1")])

    assert await _quotes(hub) == [""]


async def test_a_reply_to_a_message_sent_after_a_clear_quotes_it(hub: ChatHub) -> None:
    await hub.handle([line(1), cleared("u1", at=2), line(3), answer(4, 3, "3")])

    assert await _quotes(hub) == ["3"]


async def test_a_deletion_that_is_not_archived_yet_removes_quotes(archive: ChatArchive) -> None:
    hub = make_hub(archive)
    await archive.add(messages_from_deliveries([line(1), answer(2, 1, "1")]))

    await hub.handle([line(3), deleted(1, at=4)])

    assert await _quotes(hub) == [""]
