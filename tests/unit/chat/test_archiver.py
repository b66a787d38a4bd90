"""The archive after the events of the bus, including repeated ones."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming_app.backend.adapters.sqlite import open_store
from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat.archiver import ChatArchiver
from streaming_app.backend.chat.event_conversion import (
    message_from_payload,
    message_to_payload,
    messages_from_deliveries,
)
from streaming_app.backend.chat.model import ChatMessage, QuotedMessage, Role
from streaming_app.backend.chat.ports import ChatArchive
from streaming_app.backend.events import (
    ChatMessagesDeleted,
    ChatMessageSent,
    ChatMessagesRestored,
    ChatModerated,
    QuotedMessagePayload,
    ViewersCounted,
)
from tests.rig.stored_values import delete_all_rows

AT = datetime(2026, 11, 24, 12, 30, 15, 123_000, tzinfo=UTC)
CHATTERS = ("u-ann", "u-troll")


def said(number: int, user_id: str = "u-ann") -> ChatMessageSent:
    return ChatMessageSent(
        event_id=f"m{number}", at=AT, channel_id="c1", user_id=user_id, username=user_id[2:], text=f"line {number}"
    )


def deleted(entry: int, *message_ids: str) -> ChatMessagesDeleted:
    return ChatMessagesDeleted(at=AT, channel_id="c1", entry_id=f"e{entry}", message_ids=message_ids)


def cleared(entry: int, user_id: str) -> ChatMessagesDeleted:
    return ChatMessagesDeleted(at=AT, channel_id="c1", entry_id=f"e{entry}", user_id=user_id, username=user_id[2:])


def restored(entry: int) -> ChatMessagesRestored:
    return ChatMessagesRestored(at=AT, channel_id="c1", entry_id=f"e{entry}", lines=())


EventRecorder = ChatMessageSent | ChatMessagesDeleted | ChatMessagesRestored


def in_order(*events: EventRecorder) -> list[Delivery]:
    return [Delivery(event, position) for position, event in enumerate(events, 1)]


async def ids(archive: ChatArchive) -> list[str]:
    return [message.message_id for message in await archive.recent("c1", 1_000)]


async def test_a_message_is_archived_with_role_and_quote(archive: ChatArchive) -> None:
    answer = ChatMessageSent(
        event_id="m2",
        at=AT,
        channel_id="c1",
        user_id="u-bob",
        username="bob",
        text="yes",
        role="owner",
        reply_to=QuotedMessagePayload(message_id="m1", username="ann", text="line 1"),
    )

    await ChatArchiver(archive).handle(in_order(said(1), answer))

    assert await archive.recent("c1", 10) == [
        ChatMessage("m1", "c1", "u-ann", "ann", "line 1", AT, 1),
        ChatMessage("m2", "c1", "u-bob", "bob", "yes", AT, 2, Role.OWNER, QuotedMessage("m1", "ann", "line 1")),
    ]


async def test_events_that_change_no_message_change_nothing(archive: ChatArchive) -> None:
    counted = ViewersCounted(at=AT, channel_id="c1", process_id="p", viewers=1)

    await ChatArchiver(archive).handle([Delivery(counted, 1), Delivery(ChatModerated(at=AT, channel_id="c1"), 2)])

    assert await ids(archive) == []


async def test_a_deletion_applies_to_earlier_messages_of_the_same_batch(archive: ChatArchive) -> None:
    await ChatArchiver(archive).handle(in_order(said(1), said(2), deleted(1, "m1"), said(3)))

    assert await ids(archive) == ["m2", "m3"]


async def test_deleting_all_messages_of_a_chatter_keeps_later_ones(archive: ChatArchive) -> None:
    await ChatArchiver(archive).handle(
        in_order(said(1, "u-troll"), said(2), said(3, "u-troll"), cleared(1, "u-troll"), said(4, "u-troll"))
    )

    assert await ids(archive) == ["m2", "m4"]


async def test_undoing_a_deletion_restores_only_its_messages(archive: ChatArchive) -> None:
    await ChatArchiver(archive).handle(
        in_order(said(1), said(2), said(3), deleted(1, "m1"), deleted(2, "m2", "m3"), restored(2))
    )

    assert await ids(archive) == ["m2", "m3"]


async def test_undoing_one_of_two_deletions_keeps_the_other(archive: ChatArchive) -> None:
    await ChatArchiver(archive).handle(
        in_order(said(1, "u-troll"), deleted(1, "m1"), cleared(2, "u-troll"), restored(1), said(2))
    )

    assert await ids(archive) == ["m2"]


class CountedArchive:
    """An archive that counts how often messages are added."""

    def __init__(self, archive: ChatArchive) -> None:
        self.batches: list[int] = []
        self._add = archive.add

    async def add(self, messages: Sequence[ChatMessage]) -> None:
        self.batches.append(len(messages))
        await self._add(messages)


async def test_consecutive_messages_are_added_in_one_write(
    archive: ChatArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = CountedArchive(archive)
    monkeypatch.setattr(archive, "add", counted.add)
    moderated = Delivery(ChatModerated(at=AT, channel_id="c1"), 3)
    first, second, third, *rest = in_order(said(1), said(2), said(3), deleted(1, "m1"), said(4), said(5))

    await ChatArchiver(archive).handle([first, second, moderated, third, *rest])

    assert counted.batches == [3, 2]


@st.composite
def histories(draw: st.DrawFn) -> list[EventRecorder]:
    """Generate events of the bus. Each log entry deletes once, and is undone at most once, later."""
    events: list[EventRecorder] = []
    numbers, entries = count(1), count(1)
    undoable: list[int] = []
    for kind in draw(st.lists(st.sampled_from(["said", "said", "deleted", "cleared", "restored"]), max_size=12)):
        if kind == "said":
            events.append(said(next(numbers), draw(st.sampled_from(CHATTERS))))
        elif kind == "restored":
            if undoable:
                events.append(restored(undoable.pop(draw(st.integers(0, len(undoable) - 1)))))
        else:
            undoable.append(next(entries))
            known = sorted({event.event_id for event in events if isinstance(event, ChatMessageSent)})
            if kind == "cleared" or not known:
                events.append(cleared(undoable[-1], draw(st.sampled_from(CHATTERS))))
            else:
                events.append(deleted(undoable[-1], *draw(st.lists(st.sampled_from(known), min_size=1, max_size=3))))
    return events


@given(histories(), st.data())
async def test_repeated_deliveries_do_not_change_the_archive(history: list[EventRecorder], data: st.DataObject) -> None:
    whole = in_order(*history)
    again = data.draw(st.lists(st.integers(0, len(whole)), max_size=3))
    async with open_store(":memory:") as store:
        await ChatArchiver(store.chat_archive).handle(whole)
        once = await ids(store.chat_archive)
        await delete_all_rows(store)
        assert await ids(store.chat_archive) == []

        for start in [0, *again]:
            await ChatArchiver(store.chat_archive).handle(whole[start:])

        assert await ids(store.chat_archive) == once


def test_later_events_contain_a_message_unchanged() -> None:
    [message] = messages_from_deliveries(in_order(said(1)))

    assert message_from_payload("c1", message_to_payload(message)) == message


def test_later_events_contain_a_reply_of_a_moderator_unchanged() -> None:
    message = ChatMessage(
        "m2", "c1", "u-bob", "bob", "yes", AT, 2**62, Role.MODERATOR, QuotedMessage("m1", "ann", "line 1")
    )

    assert message_from_payload("c1", message_to_payload(message)) == message
