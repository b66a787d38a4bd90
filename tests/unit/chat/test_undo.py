"""Undoing actions of moderators."""

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


async def test_undoing_a_deletion_restores_the_message(room: Room) -> None:
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


async def test_undoing_a_clear_restores_all_messages_and_sends_the_newest_to_screens(room: Room) -> None:
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
async def test_undoing_a_ban_restores_the_moderator_role_if_the_user_may_appoint_moderators(
    room: Room, who: str, moderators: list[str]
) -> None:
    await room.run_command("Olga", "/ban max")
    assert [chatter.username for chatter in (await room.dashboard()).moderators] == ["Mia"]

    await room.undo(who)

    overview = await room.dashboard()
    assert [chatter.username for chatter in overview.moderators] == moderators
    assert overview.bans == []


@pytest.mark.parametrize("command", ["/ban ann", "/timeout ann"])
async def test_a_ban_of_an_old_entry_with_only_its_start_time_can_be_undone(room: Room, command: str) -> None:
    await room.run_command("Max", command)
    noted = await room.last_entry()
    older = replace(noted, entry_id="older", undo_data=json.dumps(json.loads(noted.undo_data)["since"]))
    await room.store.moderation_log.add(older)

    await room.undo("Mia", older)

    assert (await room.dashboard()).bans == []


async def test_undoing_an_unban_restores_the_ban(room: Room) -> None:
    await room.run_command("Max", "/timeout ann 2h spam")
    room.now += timedelta(minutes=1)
    await room.run_command("Mia", "/unban ann")
    until = room.now + timedelta(minutes=119)

    await room.undo()

    [ban] = (await room.dashboard()).bans
    assert (ban.until, ban.reason, ban.by) == (until, "spam", "Olga")
    banned = [event for event in await room.events(ChatterBanned) if isinstance(event, ChatterBanned)]
    assert [event.until for event in banned] == [until, until]


async def test_undo_removes_an_added_moderator_and_restores_a_removed_one(room: Room) -> None:
    await room.run_command("Olga", "/mod ann")
    await room.undo()
    room.now += timedelta(seconds=1)
    await room.run_command("Olga", "/unmod max")
    await room.undo()

    assert [chatter.username for chatter in (await room.dashboard()).moderators] == ["Max", "Mia"]


async def test_undo_restores_rules_and_keeps_later_changes(room: Room) -> None:
    await room.set_rules(slow_seconds=5)
    await room.run_command("Max", "/slow 60")
    first = await room.last_entry()
    room.now += timedelta(seconds=1)
    await room.run_command("Max", "/followers")

    await room.undo("Mia", first)

    assert (await room.dashboard()).rules == ChatRules(slow_seconds=5, followers_only_minutes=0)


async def test_undoing_a_pin_restores_the_previous_pin(room: Room) -> None:
    first, second = await room.say("Ann", "one"), await room.say("Ann", "two")
    await room.run_command("Max", "/pin", reply_to=first)
    room.now += timedelta(seconds=1)
    await room.run_command("Max", "/pin", reply_to=second)

    await room.undo()

    pinned = await room.store.chat_settings.pinned("c1")
    assert pinned
    assert pinned.text == "one"


async def test_undoing_an_unpin_pins_the_message_again(room: Room) -> None:
    await room.run_command("Max", "/pin", reply_to=await room.say("Ann", "one"))
    room.now += timedelta(seconds=1)
    await room.run_command("Max", "/unpin")

    await room.undo()

    assert await room.store.chat_settings.pinned("c1")


async def test_undoing_the_first_pin_leaves_no_pin(room: Room) -> None:
    await room.run_command("Max", "/pin", reply_to=await room.say("Ann", "one"))

    await room.undo()

    assert await room.store.chat_settings.pinned("c1") is None


async def test_undoing_an_ended_timeout_does_not_lift_a_later_ban(room: Room) -> None:
    await room.run_command("Max", "/timeout ann 1m")
    timeout = await room.last_entry()
    room.now += timedelta(minutes=1)
    with pytest.raises(ConflictError, match="Ann is no longer banned"):
        await room.undo("Max", timeout)

    await room.run_command("Max", "/ban ann")
    with pytest.raises(ConflictError, match="Ann has been banned again"):
        await room.undo("Max", timeout)

    assert len((await room.dashboard()).bans) == 1


async def test_undoing_an_unban_does_not_replace_a_new_ban(room: Room) -> None:
    await room.run_command("Max", "/timeout ann 1h")
    await room.run_command("Max", "/unban ann")
    room.now += timedelta(seconds=1)
    await room.run_command("Max", "/ban ann")

    with pytest.raises(ConflictError, match="has been banned again"):
        await room.undo("Max", next(entry for entry in await room.log() if entry.action is ModerationAction.UNBAN))

    assert [ban.until for ban in (await room.dashboard()).bans] == [None]


async def test_a_replaced_pin_cannot_be_undone(room: Room) -> None:
    await room.run_command("Max", "/pin", reply_to=await room.say("Ann", "one"))
    first = await room.last_entry()
    room.now += timedelta(seconds=1)
    await room.run_command("Max", "/pin", reply_to=await room.say("Ann", "two"))

    with pytest.raises(ConflictError, match="since"):
        await room.undo("Max", first)


@pytest.mark.parametrize("command", ["/ban ann", "/clear ann"])
async def test_of_two_concurrent_undos_one_is_refused(room: Room, command: str) -> None:
    await room.say("Ann", "hi")
    await room.run_command("Max", command)

    results = await asyncio.gather(room.undo("Max"), room.undo("Mia"), return_exceptions=True)

    assert [type(result) for result in results].count(ConflictError) == 1
    with pytest.raises(ConflictError, match="already undid this"):
        await room.undo("Olga")


async def test_a_moderator_cannot_undo_what_they_may_not_do(room: Room) -> None:
    await room.run_command("Olga", "/timeout max")
    with pytest.raises(ForbiddenError):
        await room.undo("Mia")
    room.now += timedelta(hours=1)
    await room.run_command("Olga", "/mod ann")
    with pytest.raises(ForbiddenError):
        await room.undo("Mia")

    assert [entry.undone_by for entry in await room.log()] == ["", ""]


async def test_a_recent_pending_action_cannot_be_undone(room: Room) -> None:
    await room.run_command("Max", "/ban ann")
    pending = replace(await room.last_entry(), entry_id="pending", state=EntryState.PENDING)
    await room.store.moderation_log.add(pending)

    with pytest.raises(ConflictError, match="still running"):
        await room.undo("Mia", pending)

    room.now += PENDING_GRACE
    assert (await room.undo("Mia", pending)).state is EntryState.UNDONE


async def test_viewers_cannot_undo(room: Room) -> None:
    await room.run_command("Max", "/ban ann")

    for name in ("Ann", "Eve"):
        with pytest.raises(ForbiddenError):
            await room.undo(name)


async def test_a_decision_about_a_held_message_cannot_be_undone(room: Room) -> None:
    await room.set_rules(blocked_terms=("bad",), filtered=FilterAction.HELD)
    await room.post("Ann", "bad")
    [held] = (await room.dashboard()).held
    await room.held_messages.reject("c1", "u-max", held.message_id)

    with pytest.raises(ConflictError, match="can't be undone"):
        await room.undo()


async def test_an_entry_that_is_not_in_the_log_cannot_be_undone(room: Room) -> None:
    with pytest.raises(NotFoundError):
        await room.undo_service.undo("c1", "u-max", "nonsense")


def test_all_actions_can_be_undone_except_decisions_and_deleted_emotes() -> None:
    assert (
        set(ModerationAction) - {ModerationAction.APPROVE, ModerationAction.REJECT, ModerationAction.REMOVE_EMOTE}
        == UNDOABLE
    )
