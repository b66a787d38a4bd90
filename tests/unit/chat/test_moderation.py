"""Moderation through the service and by commands."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.chat.command_handler import ModerationRequest, parse_moderation_request
from streaming_app.backend.chat.commands import COMMANDS, DEFAULT_TIMEOUT
from streaming_app.backend.chat.model import ChatRules, EntryState, ModerationAction, Role
from streaming_app.backend.errors import ConflictError, DomainError, ForbiddenError, InvalidError, NotFoundError
from streaming_app.backend.events import (
    ChatMessagesDeleted,
    ChatModerated,
    ChatPinned,
    ChatRulesChanged,
    ChatterBanned,
    ChatterRoleChanged,
    ChatterUnbanned,
)
from tests.rig.chat_room import Room, id_of

MODERATING = ["Max", "Olga", "Sid"]


async def refusal(room: Room, name: str, text: str, reply_to: str = "") -> DomainError:
    with pytest.raises(DomainError) as refused:
        await room.post(name, text, reply_to)
    return refused.value


@pytest.mark.parametrize("name", MODERATING)
async def test_a_message_can_be_deleted(room: Room, name: str) -> None:
    await room.say("Ann", "fine")
    message_id = await room.say("Ann", "not fine")

    answer = await room.run_command(name, "/delete rude words", reply_to=message_id)

    assert answer == "Message deleted."
    assert await room.texts() == ["fine"]
    [deleted] = await room.events(ChatMessagesDeleted)
    assert isinstance(deleted, ChatMessagesDeleted)
    entry = (await room.log())[0]
    assert (deleted.message_ids, deleted.entry_id) == ((message_id,), entry.entry_id)
    assert (entry.by, entry.action, entry.target, entry.target_id) == (name, ModerationAction.DELETE, "Ann", "u-ann")
    assert (entry.detail, entry.reason, entry.message_ids) == ("not fine", "rude words", (message_id,))


async def test_a_moderators_own_message_can_be_deleted_by_themselves_and_the_owner(room: Room) -> None:
    for name in ("Max", "Olga"):
        message_id = await room.say("Max", f"for {name}")
        await room.moderation.delete("c1", id_of(name), message_id)

    assert await room.texts() == []


async def test_a_deleted_message_cannot_be_deleted_again(room: Room) -> None:
    message_id = await room.say("Ann", "hi")
    await room.moderation.delete("c1", "u-max", message_id)

    with pytest.raises(NotFoundError, match="no longer exists"):
        await room.moderation.delete("c1", "u-olga", message_id)

    assert len(await room.log()) == 1


async def test_all_messages_of_a_chatter_can_be_deleted(room: Room) -> None:
    for text in ("one", "two"):
        await room.say("Ann", text)
    await room.say("Eve", "mine")

    answer = await room.run_command("Max", "/clear @ann spam")
    await room.say("Ann", "sorry")

    assert answer == "All messages of Ann deleted."
    assert await room.texts() == ["mine", "sorry"]
    [deleted] = await room.events(ChatMessagesDeleted)
    assert isinstance(deleted, ChatMessagesDeleted)
    assert (deleted.user_id, deleted.username, deleted.message_ids) == ("u-ann", "Ann", ())


async def test_a_timeout_lasts_for_its_duration(room: Room) -> None:
    answer = await room.run_command("Max", "/timeout ann 90s too loud")

    assert answer == "Ann is timed out for 1 minute 30 seconds."
    refused = await refusal(room, "Ann", "hi")
    assert refused.public_message == ("You are timed out: too loud. You can chat again in 1 minute 30 seconds.")
    [banned] = await room.events(ChatterBanned)
    assert isinstance(banned, ChatterBanned)
    assert (banned.username, banned.until, banned.reason) == ("Ann", room.now + timedelta(seconds=90), "too loud")
    room.now += timedelta(seconds=90)
    await room.say("Ann", "hi")


async def test_a_timeout_can_be_lifted(room: Room) -> None:
    await room.run_command("Max", "/timeout ann")

    assert await room.run_command("Mia", "/untimeout ann") == "Ann can chat again."

    await room.say("Ann", "hi")
    [unbanned] = await room.events(ChatterUnbanned)
    assert isinstance(unbanned, ChatterUnbanned)
    assert unbanned.username == "Ann"


async def test_a_ban_is_permanent_until_it_is_lifted(room: Room) -> None:
    assert await room.run_command("Max", "/ban ann spam") == "Ann is banned from this chat."
    room.now += timedelta(days=1000)
    assert "banned" in (await refusal(room, "Ann", "hi")).public_message

    assert await room.run_command("Mia", "/unban ann") == "Ann can chat again."

    await room.say("Ann", "hi")
    [ban, unban] = reversed(await room.log())
    assert (ban.action, ban.reason, unban.action, unban.by) == (
        ModerationAction.BAN,
        "spam",
        ModerationAction.UNBAN,
        "Mia",
    )


async def test_a_timeout_does_not_shorten_a_ban(room: Room) -> None:
    await room.run_command("Max", "/ban ann")

    assert (await refusal(room, "Max", "/timeout ann")).public_message == "Ann is already banned permanently."
    assert (await refusal(room, "Max", "/ban ann")).public_message == "Ann is already banned."


async def test_a_timeout_can_become_a_ban(room: Room) -> None:
    await room.run_command("Max", "/timeout ann")

    await room.run_command("Max", "/ban ann")

    assert [ban.until for ban in (await room.dashboard()).bans] == [None]


@pytest.mark.parametrize("command", ["/unban ann", "/untimeout ann"])
async def test_a_user_who_is_not_banned_cannot_be_unbanned(room: Room, command: str) -> None:
    assert (await refusal(room, "Max", command)).public_message == "Ann is not banned here."


async def test_a_banned_moderator_loses_the_role(room: Room) -> None:
    await room.run_command("Olga", "/ban max")

    assert [chatter.username for chatter in (await room.dashboard()).moderators] == ["Mia"]
    [changed] = await room.events(ChatterRoleChanged)
    assert isinstance(changed, ChatterRoleChanged)
    assert (changed.username, changed.role) == ("Max", "viewer")
    assert isinstance(await refusal(room, "Max", "/unban max"), ForbiddenError)


async def test_a_moderator_in_a_timeout_cannot_moderate(room: Room) -> None:
    await room.run_command("Olga", "/timeout max")

    assert "timed out" in (await refusal(room, "Max", "/ban ann")).public_message


@pytest.mark.parametrize("name", ["Olga", "Sid"])
async def test_owner_and_admin_appoint_moderators(room: Room, name: str) -> None:
    assert await room.run_command(name, "/mod @ann") == "Ann is now a moderator."
    await room.run_command("Ann", "/timeout eve")
    assert await room.run_command(name, "/unmod ann") == "Ann is no longer a moderator."

    assert isinstance(await refusal(room, "Ann", "/untimeout eve"), ForbiddenError)
    roles = [event.role for event in await room.events(ChatterRoleChanged) if isinstance(event, ChatterRoleChanged)]
    assert roles == ["moderator", "viewer"]


async def test_moderators_cannot_appoint_moderators_but_may_resign(room: Room) -> None:
    assert isinstance(await refusal(room, "Max", "/mod ann"), ForbiddenError)
    with pytest.raises(ForbiddenError, match="Only the channel's owner"):
        await room.moderation.remove_moderator("c1", "u-max", "mia")

    await room.moderation.remove_moderator("c1", "u-max", "max")

    assert isinstance(await refusal(room, "Max", "/ban ann"), ForbiddenError)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/mod max", "Max is already a moderator."),
        ("/mod olga", "Olga can already do everything a moderator can."),
        ("/mod sid", "Sid can already do everything a moderator can."),
        ("/unmod ann", "Ann is not a moderator of this channel."),
        ("/mod nobody", "There is no user called “nobody”."),
        ("/ban Ann@example.com", "There is no user called “Ann@example.com”."),
        ("/ban olga", "You can't do that to yourself."),
    ],
)
async def test_an_impossible_command_is_refused_with_a_reason(room: Room, command: str, words: str) -> None:
    assert (await refusal(room, "Olga", command)).public_message == words


async def test_a_banned_chatter_cannot_become_a_moderator(room: Room) -> None:
    await room.run_command("Olga", "/ban ann")

    assert "Unban them first" in (await refusal(room, "Olga", "/mod ann")).public_message


@pytest.mark.parametrize("target", ["max", "mia", "olga", "sid"])
@pytest.mark.parametrize("command", ["/ban", "/timeout", "/clear"])
async def test_moderators_cannot_moderate_the_same_or_a_higher_role(room: Room, command: str, target: str) -> None:
    assert isinstance(await refusal(room, "Max", f"{command} {target}"), ForbiddenError | ConflictError)

    assert await room.log() == []


async def test_messages_of_the_owner_and_admins_cannot_be_deleted(room: Room) -> None:
    for name in ("Olga", "Sid", "Mia"):
        message_id = await room.say(name, f"I am {name}")
        with pytest.raises(ForbiddenError):
            await room.moderation.delete("c1", "u-max", message_id)


@pytest.mark.parametrize(
    "kind", [kind for kind in COMMANDS if kind.minimum_role is not Role.VIEWER], ids=lambda kind: kind.name
)
async def test_viewers_cannot_use_moderator_commands(room: Room, kind: object) -> None:
    text = {"slow": "/slow 5", "age": "/age 5", "followers": "/followers"}
    [used] = [k for k in COMMANDS if k is kind]
    typed = text.get(used.name) or (f"/{used.name} eve" if " name" in used.usage else f"/{used.name}")
    message_id = await room.say("Eve", "hi")

    assert isinstance(await refusal(room, "Ann", typed, message_id), ForbiddenError)

    assert await room.log() == []


async def test_menus_follow_the_same_permissions(room: Room) -> None:
    for action in ModerationAction:
        with pytest.raises(DomainError):
            await room.command_handler.execute(
                "c1", "u-ann", ModerationRequest(action, "eve", await room.say("Sid", f"about {action}"))
            )

    assert await room.log() == []


async def test_a_moderator_of_one_channel_cannot_moderate_another(room: Room) -> None:
    with pytest.raises(NotFoundError):
        await room.moderation.ban("c-none", "u-max", "ann")


async def test_help_lists_the_commands_of_the_role(room: Room) -> None:
    assert (await room.run_command("Ann", "/help")).splitlines() == ["/help: List the commands."]
    assert len((await room.run_command("Max", "/help")).splitlines()) == len(COMMANDS) - 2
    assert len((await room.run_command("Olga", "/help")).splitlines()) == len(COMMANDS)


@pytest.mark.parametrize(
    ("command", "rules", "answer"),
    [
        ("/slow 30", ChatRules(slow_seconds=30), "Chat rules changed: slow mode 30 seconds."),
        ("/slow 2m", ChatRules(slow_seconds=120), "Chat rules changed: slow mode 2 minutes."),
        ("/followers", ChatRules(followers_only_minutes=0), "Chat rules changed: followers-only on."),
        ("/followers 10", ChatRules(followers_only_minutes=10), "Chat rules changed: followers-only, for 10 minutes."),
        ("/age 1h", ChatRules(account_age_minutes=60), "Chat rules changed: accounts at least 1 hour old."),
    ],
)
async def test_commands_set_rules(room: Room, command: str, rules: ChatRules, answer: str) -> None:
    assert await room.run_command("Max", command) == answer

    assert (await room.dashboard()).rules == rules
    [changed] = await room.events(ChatRulesChanged)
    assert isinstance(changed, ChatRulesChanged)
    assert (changed.slow_seconds, changed.followers_only_minutes, changed.account_age_minutes) == (
        rules.slow_seconds,
        rules.followers_only_minutes,
        rules.account_age_minutes,
    )


@pytest.mark.parametrize("name", ["slow", "followers", "age"])
async def test_commands_turn_rules_off(room: Room, name: str) -> None:
    await room.set_rules(slow_seconds=5, followers_only_minutes=5, account_age_minutes=5, limits_caps=True)

    await room.run_command("Max", f"/{name} off")

    field = {"slow": "slow_seconds", "followers": "followers_only_minutes", "age": "account_age_minutes"}[name]
    rules = (await room.dashboard()).rules
    assert not getattr(rules, field)
    assert rules.limits_caps


async def test_an_invalid_rule_is_refused_with_the_usage(room: Room) -> None:
    assert (await refusal(room, "Max", "/slow 2h")).public_message == (
        "Use 0 (off) to 3600 seconds. Usage: /slow seconds|off"
    )


async def test_setting_a_rule_to_its_current_value_is_refused(room: Room) -> None:
    assert isinstance(await refusal(room, "Max", "/slow off"), ConflictError)


@pytest.mark.parametrize("attempt", range(20))
async def test_concurrent_changes_of_different_rules_are_both_kept(room: Room, attempt: int) -> None:
    await room.set_rules(account_age_minutes=attempt)

    await asyncio.gather(room.run_command("Max", "/slow 30"), room.run_command("Mia", "/followers 10"))

    assert (await room.dashboard()).rules == ChatRules(
        slow_seconds=30, followers_only_minutes=10, account_age_minutes=attempt
    )
    assert {entry.detail: entry.state for entry in await room.log()} == {
        "slow mode 30 seconds": EntryState.DONE,
        "followers-only, for 10 minutes": EntryState.DONE,
    }


async def test_a_form_changes_only_the_rules_that_were_changed_in_it(room: Room) -> None:
    shown = ChatRules(slow_seconds=5)
    await room.set_rules(slow_seconds=5)
    await room.run_command("Mia", "/followers 10")

    await room.chat_settings.set_rules("c1", "u-max", replace(shown, limits_caps=True), based_on=shown)

    rules = (await room.dashboard()).rules
    assert rules == ChatRules(slow_seconds=5, followers_only_minutes=10, limits_caps=True)


async def test_of_two_concurrent_pins_the_last_stays_and_the_log_has_their_order(room: Room) -> None:
    first, second = await room.say("Ann", "one"), await room.say("Ann", "two")

    await asyncio.gather(
        room.run_command("Max", "/pin", reply_to=first), room.run_command("Mia", "/pin", reply_to=second)
    )

    pinned = await room.store.chat_settings.pinned("c1")
    assert pinned
    replaced = {first: second, second: first}[pinned.message_id]
    assert {entry.message_ids[0]: entry.undo_data for entry in await room.log()} == {
        replaced: "",
        pinned.message_id: json.dumps(replaced),
    }


async def test_a_message_that_is_pinned_while_another_one_is_deleted_stays(room: Room) -> None:
    first, second = await room.say("Ann", "one"), await room.say("Ann", "two")
    await room.run_command("Max", "/pin", reply_to=first)

    await asyncio.gather(
        room.run_command("Max", "/delete", reply_to=first), room.run_command("Mia", "/pin", reply_to=second)
    )

    pinned = await room.store.chat_settings.pinned("c1")
    assert pinned
    assert pinned.text == "two"


async def test_a_message_can_be_pinned_and_unpinned(room: Room) -> None:
    first, second = await room.say("Ann", "one"), await room.say("Ann", "two")

    assert "pinned" in await room.run_command("Max", "/pin", reply_to=first)
    await room.run_command("Max", "/pin", reply_to=second)
    pinned = await room.store.chat_settings.pinned("c1")
    await room.run_command("Max", "/unpin")

    assert pinned
    assert pinned.text == "two"
    assert await room.store.chat_settings.pinned("c1") is None
    lines = [event.line and event.line.text for event in await room.events(ChatPinned) if isinstance(event, ChatPinned)]
    assert lines == ["one", "two", None]
    assert (await refusal(room, "Max", "/unpin")).public_message == "There is no pinned message."


@pytest.mark.parametrize("command", ["/delete", "/clear Ann"])
async def test_a_deleted_message_is_unpinned(room: Room, command: str) -> None:
    first = await room.say("Ann", "one")
    await room.run_command("Max", "/pin", reply_to=first)

    await room.run_command("Max", command, reply_to=first)

    assert await room.store.chat_settings.pinned("c1") is None


@pytest.mark.parametrize("command", ["/delete", "/clear Ann"])
async def test_a_pinned_message_does_not_quote_a_deleted_message(room: Room, command: str) -> None:
    first = await room.say("Ann", "one")
    await room.run_command("Max", "/pin", reply_to=await room.say("Eve", "two", reply_to=first))

    await room.run_command("Max", command, reply_to=first)

    pinned = await room.store.chat_settings.pinned("c1")
    assert pinned
    assert pinned.text == "two"
    assert pinned.reply_to
    assert pinned.reply_to.is_deleted
    events = [event for event in await room.events(ChatPinned) if isinstance(event, ChatPinned) and event.line]
    assert [event.line.reply_to.text for event in events if event.line and event.line.reply_to] == ["one", ""]


@pytest.mark.parametrize("command", ["/pin", "/delete"])
async def test_commands_about_a_message_must_be_replies(room: Room, command: str) -> None:
    assert "Use this command as a reply to the message." in (await refusal(room, "Max", command)).public_message


async def test_every_action_is_announced_to_the_moderation_page(room: Room) -> None:
    await room.run_command("Max", "/ban ann")
    await room.run_command("Max", "/unban ann")

    assert len(await room.events(ChatModerated)) == 2


async def test_only_moderators_can_read_the_log(room: Room) -> None:
    for name in MODERATING:
        assert (await room.dashboard(name)).role.rank >= Role.MODERATOR.rank

    with pytest.raises(ForbiddenError, match="Only moderators of this channel"):
        await room.dashboard("Ann")


async def test_two_concurrent_bans_leave_one_ban(room: Room) -> None:
    await asyncio.gather(
        room.run_command("Max", "/ban ann"), room.run_command("Mia", "/ban ann"), return_exceptions=True
    )

    assert len((await room.dashboard()).bans) == 1


@pytest.mark.parametrize(
    ("minutes", "length"), [("1", timedelta(minutes=1)), ("90s", timedelta(seconds=90)), ("2h", timedelta(hours=2))]
)
def test_a_menu_request_for_a_timeout_has_a_length(minutes: str, length: timedelta) -> None:
    assert parse_moderation_request("timeout", "ann", "", minutes, "x") == ModerationRequest(
        ModerationAction.TIMEOUT, "ann", "", length, "x"
    )


def test_menu_requests_for_other_actions_have_no_length() -> None:
    assert parse_moderation_request("ban", "ann", "", "0", "") == ModerationRequest(
        ModerationAction.BAN, "ann", "", DEFAULT_TIMEOUT, ""
    )


@pytest.mark.parametrize(("action", "minutes"), [("timeout", ""), ("timeout", "0"), ("timeout", "x"), ("dance", "1")])
def test_an_invalid_menu_request_is_refused(action: str, minutes: str) -> None:
    with pytest.raises(InvalidError):
        parse_moderation_request(action, "ann", "", minutes, "")
