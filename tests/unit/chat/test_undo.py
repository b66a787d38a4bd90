"""Take back what a moderator did."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.chat.model import ChatRules, EntryState, FilterAction, ModerationAction
from streaming_app.backend.chat.undo import PENDING_GRACE, RESTORED_MAX, UNDOABLE
from streaming_app.backend.errors import ConflictError, ForbiddenError, NotFoundError
from streaming_app.backend.events import ChatMessagesRestored, ChatterBanned
from tests.rig.chat_room import Room


async def test_a_deleted_message_comes_back(room: Room) -> None:
    message_id = await room.say("Ann", "hi")
    await room.say("Eve", "ho")
    await room.moderation.delete("c1", "u-max", message_id)

    undone = await room.undo("Mia")

    assert await room.texts() == ["hi", "ho"]
    assert (undone.undone_at, undone.undone_by) == (room.now, "Mia")
    assert await room.last_entry() == undone
    [restored] = await room.events(ChatMessagesRestored)
    assert isinstance(restored, ChatMessagesRestored)
    assert [(line.message_id, line.text) for line in restored.lines] == [(message_id, "hi")]


async def test_everything_of_a_chatter_comes_back_and_the_newest_of_it_to_the_screens(room: Room) -> None:
    await room.set_rules(limits_flood=False)
    for number in range(RESTORED_MAX - 5):
        await room.say("Ann", f"{number}")
    room.now += timedelta(minutes=5)
    for number in range(10):
        await room.say("Ann", f"and {number}")
    await room.run_command("Max", "/clear ann")

    await room.undo()

    assert len(await room.texts()) == RESTORED_MAX + 5
    [restored] = await room.events(ChatMessagesRestored)
    assert isinstance(restored, ChatMessagesRestored)
    assert len(restored.lines) == RESTORED_MAX
    assert restored.lines[-1].text == "and 9"


@pytest.mark.parametrize("command", ["/ban ann", "/timeout ann"])
async def test_a_ban_is_lifted(room: Room, command: str) -> None:
    await room.run_command("Max", command)

    await room.undo()

    await room.say("Ann", "hi")
    assert (await room.dashboard()).bans == []


@pytest.mark.parametrize(("who", "moderators"), [("Olga", ["Max", "Mia"]), ("Mia", ["Mia"])])
async def test_a_banned_moderator_is_one_again_if_who_takes_it_back_chooses_moderators(
    room: Room, who: str, moderators: list[str]
) -> None:
    await room.run_command("Olga", "/ban max")
    assert [chatter.username for chatter in (await room.dashboard()).moderators] == ["Mia"]

    await room.undo(who)

    overview = await room.dashboard()
    assert [chatter.username for chatter in overview.moderators] == moderators
    assert overview.bans == []


@pytest.mark.parametrize("command", ["/ban ann", "/timeout ann"])
async def test_a_ban_from_when_the_log_only_kept_its_beginning_is_lifted(room: Room, command: str) -> None:
    await room.run_command("Max", command)
    noted = await room.last_entry()
    older = replace(noted, entry_id="older", undo_data=json.dumps(json.loads(noted.undo_data)["since"]))
    await room.store.moderation_log.add(older)

    await room.undo("Mia", older)

    assert (await room.dashboard()).bans == []


async def test_a_lifted_ban_holds_again_as_it_was(room: Room) -> None:
    await room.run_command("Max", "/timeout ann 2h spam")
    room.now += timedelta(minutes=1)
    await room.run_command("Mia", "/unban ann")
    until = room.now + timedelta(minutes=119)

    await room.undo()

    [ban] = (await room.dashboard()).bans
    assert (ban.until, ban.reason, ban.by) == (until, "spam", "Olga")
    banned = [event for event in await room.events(ChatterBanned) if isinstance(event, ChatterBanned)]
    assert [event.until for event in banned] == [until, until]


async def test_a_new_moderator_is_none_again_and_an_old_one_is_one_again(room: Room) -> None:
    await room.run_command("Olga", "/mod ann")
    await room.undo()
    room.now += timedelta(seconds=1)
    await room.run_command("Olga", "/unmod max")
    await room.undo()

    assert [chatter.username for chatter in (await room.dashboard()).moderators] == ["Max", "Mia"]


async def test_rules_are_as_before_but_for_what_changed_since(room: Room) -> None:
    await room.set_rules(slow_seconds=5)
    await room.run_command("Max", "/slow 60")
    first = await room.last_entry()
    room.now += timedelta(seconds=1)
    await room.run_command("Max", "/followers")

    await room.undo("Mia", first)

    assert (await room.dashboard()).rules == ChatRules(slow_seconds=5, followers_only_minutes=0)


async def test_the_pinned_message_is_the_one_before(room: Room) -> None:
    first, second = await room.say("Ann", "one"), await room.say("Ann", "two")
    await room.run_command("Max", "/pin", reply_to=first)
    room.now += timedelta(seconds=1)
    await room.run_command("Max", "/pin", reply_to=second)

    await room.undo()

    pinned = await room.store.chat_settings.pinned("c1")
    assert pinned
    assert pinned.text == "one"


async def test_a_message_that_was_taken_down_is_pinned_again(room: Room) -> None:
    await room.run_command("Max", "/pin", reply_to=await room.say("Ann", "one"))
    room.now += timedelta(seconds=1)
    await room.run_command("Max", "/unpin")

    await room.undo()

    assert await room.store.chat_settings.pinned("c1")


async def test_the_first_pin_leaves_nothing_behind(room: Room) -> None:
    await room.run_command("Max", "/pin", reply_to=await room.say("Ann", "one"))

    await room.undo()

    assert await room.store.chat_settings.pinned("c1") is None


async def test_a_timeout_that_ended_leaves_a_later_ban_alone(room: Room) -> None:
    await room.run_command("Max", "/timeout ann 1m")
    timeout = await room.last_entry()
    room.now += timedelta(minutes=1)
    with pytest.raises(ConflictError, match="Ann is no longer banned"):
        await room.undo("Max", timeout)

    await room.run_command("Max", "/ban ann")
    with pytest.raises(ConflictError, match="Ann has been banned again"):
        await room.undo("Max", timeout)

    assert len((await room.dashboard()).bans) == 1


async def test_a_lifted_ban_does_not_replace_a_new_one(room: Room) -> None:
    await room.run_command("Max", "/timeout ann 1h")
    await room.run_command("Max", "/unban ann")
    room.now += timedelta(seconds=1)
    await room.run_command("Max", "/ban ann")

    with pytest.raises(ConflictError, match="has been banned again"):
        await room.undo("Max", next(entry for entry in await room.log() if entry.action is ModerationAction.UNBAN))

    assert [ban.until for ban in (await room.dashboard()).bans] == [None]


async def test_a_pin_that_was_replaced_stays_replaced(room: Room) -> None:
    await room.run_command("Max", "/pin", reply_to=await room.say("Ann", "one"))
    first = await room.last_entry()
    room.now += timedelta(seconds=1)
    await room.run_command("Max", "/pin", reply_to=await room.say("Ann", "two"))

    with pytest.raises(ConflictError, match="since"):
        await room.undo("Max", first)


@pytest.mark.parametrize("command", ["/ban ann", "/clear ann"])
async def test_one_of_two_undoes_and_the_other_reads_so(room: Room, command: str) -> None:
    await room.say("Ann", "hi")
    await room.run_command("Max", command)

    results = await asyncio.gather(room.undo("Max"), room.undo("Mia"), return_exceptions=True)

    assert [type(result) for result in results].count(ConflictError) == 1
    with pytest.raises(ConflictError, match="already undid this"):
        await room.undo("Olga")


async def test_a_moderator_undoes_nothing_that_they_could_not_do(room: Room) -> None:
    await room.run_command("Olga", "/timeout max")
    with pytest.raises(ForbiddenError):
        await room.undo("Mia")
    room.now += timedelta(hours=1)
    await room.run_command("Olga", "/mod ann")
    with pytest.raises(ForbiddenError):
        await room.undo("Mia")

    assert [entry.undone_by for entry in await room.log()] == ["", ""]


async def test_what_is_being_done_right_now_is_not_undone_yet(room: Room) -> None:
    await room.run_command("Max", "/ban ann")
    pending = replace(await room.last_entry(), entry_id="pending", state=EntryState.PENDING)
    await room.store.moderation_log.add(pending)

    with pytest.raises(ConflictError, match="still running"):
        await room.undo("Mia", pending)

    room.now += PENDING_GRACE
    assert (await room.undo("Mia", pending)).state is EntryState.UNDONE


async def test_viewers_undo_nothing(room: Room) -> None:
    await room.run_command("Max", "/ban ann")

    for name in ("Ann", "Eve"):
        with pytest.raises(ForbiddenError):
            await room.undo(name)


async def test_what_became_of_a_held_message_stays(room: Room) -> None:
    await room.set_rules(blocked_terms=("bad",), filtered=FilterAction.HELD)
    await room.post("Ann", "bad")
    [held] = (await room.dashboard()).held
    await room.held_messages.reject("c1", "u-max", held.message_id)

    with pytest.raises(ConflictError, match="can't be undone"):
        await room.undo()


async def test_what_is_not_in_the_log_cannot_be_undone(room: Room) -> None:
    with pytest.raises(NotFoundError):
        await room.undo_service.undo("c1", "u-max", "nonsense")


def test_every_deed_can_be_undone_but_for_what_leaves_nothing_to_bring_back() -> None:
    assert (
        set(ModerationAction) - {ModerationAction.APPROVE, ModerationAction.REJECT, ModerationAction.REMOVE_EMOTE}
        == UNDOABLE
    )
