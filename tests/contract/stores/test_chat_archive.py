"""The chat archive, with the same behaviour in both stores: each message once, complete, in the order of positions."""

import asyncio
from dataclasses import replace

import pytest

from streaming_app.backend.adapters.mongo import chat as mongo_chat
from streaming_app.backend.adapters.sqlite import chat as sqlite_chat
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.bus import position_of
from streaming_app.backend.chat.model import QuotedMessage, Role
from streaming_app.backend.errors import NotFoundError
from tests.contract.stores.samples import MESSAGE, NOW, message


async def test_a_message_is_read_as_it_was_stored(store: Store) -> None:
    await store.chat_archive.add([MESSAGE])

    assert await store.chat_archive.recent("c-ann", 10) == [MESSAGE]


async def test_text_is_stored_unchanged(store: Store) -> None:
    spoken = replace(
        MESSAGE, text='Привет 👩\u200d🚀 "quoted" \'); DROP TABLE chat_messages; -- $set\n\u0301e\u0301 <b>'
    )

    await store.chat_archive.add([spoken])

    assert await store.chat_archive.recent("c-ann", 10) == [spoken]


async def test_adding_no_messages_succeeds(store: Store) -> None:
    await store.chat_archive.add([])

    assert await store.chat_archive.recent("c-ann", 10) == []


async def test_the_newest_position_is_the_highest_of_all_channels(store: Store) -> None:
    assert await store.chat_archive.newest_position() == 0

    await store.chat_archive.add([message(3), message(1), replace(message(2), channel_id="c-bob", position=7 << 40)])

    assert await store.chat_archive.newest_position() == 7 << 40


async def test_adding_a_stored_message_again_changes_nothing(store: Store) -> None:
    await store.chat_archive.add([MESSAGE])

    await store.chat_archive.add([replace(MESSAGE, text="changed", position=9)])

    assert await store.chat_archive.recent("c-ann", 10) == [MESSAGE]


async def test_a_repeated_batch_adds_only_its_new_messages(store: Store) -> None:
    await store.chat_archive.add([message(1), message(2)])

    await store.chat_archive.add([message(1), message(2), message(3), message(3)])

    assert await store.chat_archive.recent("c-ann", 10) == [message(1), message(2), message(3)]


async def test_a_batch_added_twice_concurrently_is_stored_once(store: Store) -> None:
    batch = [message(number) for number in range(1, 51)]

    await asyncio.gather(store.chat_archive.add(batch), store.chat_archive.add(batch))

    assert await store.chat_archive.recent("c-ann", 100) == batch


async def test_the_newest_messages_are_ordered_oldest_first(store: Store) -> None:
    await store.chat_archive.add([message(number) for number in (3, 1, 5, 2, 4)])

    assert await store.chat_archive.recent("c-ann", 3) == [message(3), message(4), message(5)]


async def test_messages_are_ordered_by_position_and_not_by_time(store: Store) -> None:
    first, second = message(1, sent_at=NOW), message(2, sent_at=NOW.replace(year=2020))

    await store.chat_archive.add([second, first])

    assert await store.chat_archive.recent("c-ann", 10) == [first, second]


async def test_each_channel_has_its_own_archive(store: Store) -> None:
    await store.chat_archive.add([message(1), message(2, channel_id="c-bob"), message(3)])

    assert await store.chat_archive.recent("c-ann", 10) == [message(1), message(3)]
    assert await store.chat_archive.after("c-bob", 0, 10) == [message(2, channel_id="c-bob")]
    assert await store.chat_archive.recent("c-nobody", 10) == []


async def test_messages_after_a_position_are_ordered_oldest_first(store: Store) -> None:
    await store.chat_archive.add([message(number) for number in range(1, 8)])

    assert await store.chat_archive.after("c-ann", 2, 3) == [message(3), message(4), message(5)]
    assert await store.chat_archive.after("c-ann", 7, 3) == []
    assert await store.chat_archive.after("c-ann", 0, 100) == await store.chat_archive.recent("c-ann", 100)


async def test_paging_by_position_returns_every_message_once(store: Store) -> None:
    await store.chat_archive.add([message(number * 10) for number in range(1, 251)])

    seen: list[int] = []
    while page := await store.chat_archive.after("c-ann", seen[-1] if seen else 0, 40):
        seen += [m.position for m in page]

    assert seen == [number * 10 for number in range(1, 251)]


async def test_positions_have_63_bits(store: Store) -> None:
    near, far = position_of(NOW, 0), 2**63 - 1
    await store.chat_archive.add([message(1, position=near), message(2, position=near + 1), message(3, position=far)])

    positions = [m.position for m in await store.chat_archive.after("c-ann", near, 10)]

    assert positions == [near + 1, far]
    assert [type(position) for position in positions] == [int, int]
    assert await store.chat_archive.after("c-ann", far, 10) == []


async def test_a_limit_of_zero_returns_no_messages(store: Store) -> None:
    await store.chat_archive.add([MESSAGE])

    assert await store.chat_archive.recent("c-ann", 0) == []
    assert await store.chat_archive.after("c-ann", 0, 0) == []


async def test_the_role_and_the_quote_of_a_message_are_stored(store: Store) -> None:
    answer = message(2, role=Role.MODERATOR, reply_to=QuotedMessage("m-1", "Ann", 'line "1" 🐈'))

    await store.chat_archive.add([message(1), answer])

    assert await store.chat_archive.recent("c-ann", 10) == [message(1), answer]
    assert await store.chat_archive.get("c-ann", "m-2") == answer


async def test_a_message_is_found_only_in_its_channel(store: Store) -> None:
    await store.chat_archive.add([MESSAGE])

    assert await store.chat_archive.get("c-ann", "m-1") == MESSAGE
    for look_up in (store.chat_archive.get("c-bob", "m-1"), store.chat_archive.get("c-ann", "m-2")):
        with pytest.raises(NotFoundError):
            await look_up


async def test_deleted_messages_are_not_returned(store: Store) -> None:
    archive = store.chat_archive
    await archive.add([message(number) for number in (1, 2, 3, 4)])

    await archive.delete("c-ann", "e-1", ["m-2", "m-4"])

    assert await archive.recent("c-ann", 10) == [message(1), message(3)]
    assert await archive.recent("c-ann", 2) == [message(1), message(3)]
    assert await archive.after("c-ann", 1, 10) == [message(3)]

    with pytest.raises(NotFoundError):
        await archive.get("c-ann", "m-2")


async def test_a_deleted_message_that_is_added_again_stays_deleted(store: Store) -> None:
    await store.chat_archive.add([message(1), message(2)])
    await store.chat_archive.delete("c-ann", "e-1", ["m-1"])

    await store.chat_archive.add([message(1), message(2), message(3)])

    assert await store.chat_archive.recent("c-ann", 10) == [message(2), message(3)]


async def test_a_deleted_message_can_be_restored(store: Store) -> None:
    archive = store.chat_archive
    await archive.add([message(1), message(2, user_id="u-bob")])
    assert not await archive.is_deleted("c-ann", "m-1")

    await archive.delete("c-ann", "e-1", ["m-1"])
    await archive.delete_all_by_user("c-ann", "e-2", "u-bob", until=2)

    assert await archive.is_deleted("c-ann", "m-1")
    assert await archive.is_deleted("c-ann", "m-2")
    assert not await archive.is_deleted("c-bob", "m-1")
    assert not await archive.is_deleted("c-ann", "m-3")
    await archive.restore("c-ann", "e-1")
    assert not await archive.is_deleted("c-ann", "m-1")


async def test_an_unknown_message_cannot_be_deleted_in_advance(store: Store) -> None:
    await store.chat_archive.delete("c-ann", "e-1", ["m-1", "m-1"])
    await store.chat_archive.delete("c-ann", "e-1", [])

    await store.chat_archive.add([MESSAGE])

    assert await store.chat_archive.recent("c-ann", 10) == [MESSAGE]


async def test_messages_of_other_channels_are_not_deleted_or_restored(store: Store) -> None:
    archive = store.chat_archive
    elsewhere = message(2, channel_id="c-bob")
    await archive.add([message(1), elsewhere])

    await archive.delete("c-ann", "e-1", ["m-1", "m-2"])
    await archive.restore("c-bob", "e-1")

    assert await archive.recent("c-bob", 10) == [elsewhere]
    assert await archive.recent("c-ann", 10) == []
    assert await archive.deleted_by_entry("c-bob", "e-1", 10) == []


async def test_all_messages_of_a_chatter_up_to_a_position_are_deleted(store: Store) -> None:
    archive = store.chat_archive
    trolls = [message(number, user_id="u-troll") for number in (2, 3, 5)]
    elsewhere = message(4, user_id="u-troll", channel_id="c-bob")
    await archive.add([message(1), *trolls, elsewhere, message(6)])

    await archive.delete_all_by_user("c-ann", "e-1", "u-troll", until=3)

    assert await archive.recent("c-ann", 10) == [message(1), trolls[2], message(6)]
    assert await archive.recent("c-bob", 10) == [elsewhere]
    assert await archive.deleted_by_entry("c-ann", "e-1", 10) == trolls[:2]
    assert await archive.deleted_by_entry("c-ann", "e-1", 1) == trolls[1:2]
    assert await archive.deleted_by_entry("c-ann", "e-1", 0) == []


async def test_more_messages_than_the_parameter_limit_of_a_statement_can_be_deleted(store: Store) -> None:
    await store.chat_archive.add([MESSAGE])

    await store.chat_archive.delete("c-ann", "e-1", [f"m-{number}" for number in range(40_000)])

    assert await store.chat_archive.recent("c-ann", 10) == []


async def test_all_messages_that_a_log_entry_deleted_are_restored(store: Store) -> None:
    archive = store.chat_archive
    messages = [message(number) for number in (1, 2, 3)]
    await archive.add(messages)
    await archive.delete("c-ann", "e-1", ["m-1", "m-2"])
    await archive.delete("c-ann", "e-2", ["m-3"])

    await archive.restore("c-ann", "e-1")
    await archive.restore("c-ann", "e-1")
    await archive.restore("c-ann", "e-none")

    assert await archive.recent("c-ann", 10) == messages[:2]
    assert await archive.deleted_by_entry("c-ann", "e-1", 10) == []
    assert await archive.deleted_by_entry("c-ann", "e-2", 10) == messages[2:]


async def test_a_message_deleted_by_two_log_entries_is_restored_when_both_are_undone(store: Store) -> None:
    archive = store.chat_archive
    await archive.add([message(1), message(2)])
    await archive.delete("c-ann", "e-1", ["m-1"])
    await archive.delete_all_by_user("c-ann", "e-2", "u-ann", until=2)
    await archive.delete_all_by_user("c-ann", "e-2", "u-ann", until=2)
    assert await archive.deleted_by_entry("c-ann", "e-1", 10) == [], "e-2 keeps it away as well"
    assert await archive.deleted_by_entry("c-ann", "e-2", 10) == [message(2)]

    await archive.restore("c-ann", "e-2")
    assert await archive.recent("c-ann", 10) == [message(2)]
    assert await archive.deleted_by_entry("c-ann", "e-1", 10) == [message(1)]

    await archive.restore("c-ann", "e-1")
    assert await archive.recent("c-ann", 10) == [message(1), message(2)]


async def test_a_returning_viewer_gets_the_ids_of_messages_deleted_since(store: Store) -> None:
    archive = store.chat_archive
    await archive.add([message(number) for number in range(1, 8)])
    await archive.add([message(8, channel_id="c-bob")])
    await archive.delete("c-ann", "e-1", ["m-1", "m-3", "m-5", "m-7"])
    await archive.delete("c-bob", "e-2", ["m-8"])
    await archive.restore("c-ann", "e-none")

    assert sorted(await archive.deleted_ids("c-ann", limit=4)) == ["m-5", "m-7"]
    assert sorted(await archive.deleted_ids("c-ann", limit=100)) == ["m-1", "m-3", "m-5", "m-7"]
    assert await archive.deleted_ids("c-ann", limit=0) == []

    await archive.restore("c-ann", "e-1")
    assert await archive.deleted_ids("c-ann", limit=4) == []


ANSWER_TO_FIRST = message(2, reply_to=QuotedMessage("m-1", "Ann", "line 1"))


async def test_a_deleted_message_is_not_quoted_until_it_is_restored(store: Store) -> None:
    archive = store.chat_archive
    await archive.add([message(1), ANSWER_TO_FIRST, message(3, reply_to=QuotedMessage("m-2", "Ann", "line 2"))])

    async def quotes() -> list[str]:
        pages = (
            await archive.recent("c-ann", 9),
            await archive.after("c-ann", 0, 9),
        )
        read = [[m.reply_to.text for m in page if m.reply_to] for page in pages]
        assert read[0] == read[1]
        assert (await archive.get("c-ann", "m-2")).reply_to == QuotedMessage("m-1", "Ann", read[0][0])
        return read[0]

    await archive.delete("c-ann", "e-1", ["m-1"])
    assert await quotes() == ["", "line 2"]
    await archive.restore("c-ann", "e-1")

    assert await quotes() == ["line 1", "line 2"]


async def test_a_restored_reply_does_not_quote_a_message_that_is_still_deleted(store: Store) -> None:
    await store.chat_archive.add([message(1), ANSWER_TO_FIRST])
    await store.chat_archive.delete("c-ann", "e-1", ["m-1"])
    await store.chat_archive.delete("c-ann", "e-2", ["m-2"])

    [answer] = await store.chat_archive.deleted_by_entry("c-ann", "e-2", 9)

    assert answer.reply_to == QuotedMessage("m-1", "Ann", "")


async def test_a_long_history_is_deleted_in_steps_that_let_other_writes_through(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for adapter in (sqlite_chat, mongo_chat):
        monkeypatch.setattr(adapter, "CLEAR_CHUNK", 3)
    await store.chat_archive.add([message(number) for number in range(100)])

    clearing = asyncio.create_task(store.chat_archive.delete_all_by_user("c-ann", "e1", MESSAGE.user_id, 1 << 62))
    await asyncio.sleep(0)
    await store.chat_archive.add([replace(message(200), user_id="u-other")])
    others_waited = clearing.done()
    await clearing

    assert not others_waited
    assert [kept.user_id for kept in await store.chat_archive.recent("c-ann", 200)] == ["u-other"]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7])
async def test_a_history_of_any_length_is_deleted_completely(
    store: Store, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for adapter in (sqlite_chat, mongo_chat):
        monkeypatch.setattr(adapter, "CLEAR_CHUNK", 3)
    await store.chat_archive.add([message(number) for number in range(count)])

    await store.chat_archive.delete_all_by_user("c-ann", "e1", MESSAGE.user_id, 1 << 62)

    assert await store.chat_archive.recent("c-ann", 200) == []
    assert len(await store.chat_archive.deleted_by_entry("c-ann", "e1", 200)) == count


async def test_messages_before_a_position_are_the_last_ones_oldest_first(store: Store) -> None:
    await store.chat_archive.add([message(n) for n in range(1, 6)])

    assert await store.chat_archive.before("c-ann", 4, 2) == [message(2), message(3)]
    assert await store.chat_archive.before("c-ann", 1, 2) == []
    assert await store.chat_archive.before("c-ann", 4, 0) == []
