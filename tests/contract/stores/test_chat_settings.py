"""Rules, moderators, bans, pins and turns of slow mode, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from streaming_app.backend.adapters.store import Store
from streaming_app.backend.chat.model import ChatMessage, ChatRules, Chatter, FilterAction, LinkPolicy, MembershipStatus
from streaming_app.backend.errors import NotFoundError
from tests.contract.stores.samples import ANSWER, BAN, MESSAGE, MILLISECOND, NOW, TIMEOUT, channel

RULES = ChatRules(
    slow_seconds=30,
    followers_only_minutes=0,
    account_age_minutes=60,
    blocked_terms=("sp*m", 'a "quoted" one', "зло 🐈", "$set"),
    links=LinkPolicy.LISTED,
    allowed_hosts=("example.com", "пример.рф"),
    limits_caps=True,
    limits_flood=False,
    filtered=FilterAction.HELD,
)
NOBODY = MembershipStatus(ChatRules(), is_moderator=False, ban=None, followed_at=None, owner_id="u-ann")
REST = timedelta(seconds=10)


@pytest.fixture(autouse=True)
async def channels(store: Store) -> None:
    await store.channels.add(channel("ann"))
    await store.channels.add(channel("bob"))


async def take_turn(store: Store, channel_id: str, user_id: str, now: datetime, rest: timedelta) -> timedelta:
    """Take a turn of slow mode for a new message."""
    return await store.chat_settings.take_slow_mode_turn(channel_id, user_id, uuid4().hex, now, rest)


async def test_an_unknown_channel_has_no_owner_and_no_rules(store: Store) -> None:
    assert (await store.chat_settings.membership_status("c-none", "u-bob")).owner_id == ""
    with pytest.raises(NotFoundError):
        await store.chat_settings.rules_and_pinned("c-none")


async def test_rules_and_the_pinned_message_are_read_together(store: Store) -> None:
    assert await store.chat_settings.rules_and_pinned("c-ann") == (ChatRules(), None)
    await store.chat_settings.set_rules("c-ann", RULES, 0)
    await store.chat_settings.set_pinned("c-ann", ANSWER, "")

    assert await store.chat_settings.rules_and_pinned("c-ann") == (RULES, ANSWER)
    assert await store.chat_settings.rules_and_pinned("c-bob") == (ChatRules(), None)


@pytest.mark.parametrize("rules", [RULES, ChatRules()])
async def test_rules_are_read_as_they_were_stored(store: Store, rules: ChatRules) -> None:
    assert await store.chat_settings.set_rules("c-ann", rules, 0)

    assert (await store.chat_settings.rules_and_pinned("c-ann"))[0] == rules
    assert (await store.chat_settings.membership_status("c-ann", "u-bob")).rules == rules


async def test_a_channel_without_stored_rules_has_the_default_rules(store: Store) -> None:
    await store.chat_settings.set_rules("c-ann", RULES, 0)

    assert (await store.chat_settings.rules_and_pinned("c-bob"))[0] == ChatRules()


async def test_new_rules_replace_all_of_the_old_ones(store: Store) -> None:
    await store.chat_settings.set_rules("c-ann", RULES, 0)

    assert await store.chat_settings.set_rules("c-ann", ChatRules(slow_seconds=5), 1)

    assert (await store.chat_settings.rules_and_pinned("c-ann"))[0] == ChatRules(slow_seconds=5)


async def test_rules_are_replaced_only_if_they_are_the_ones_that_were_read(store: Store) -> None:
    await store.chat_settings.set_rules("c-ann", RULES, 0)
    assert (await store.chat_settings.membership_status("c-ann", "u-bob")).rules_version == 1

    for version in (0, 2):
        assert not await store.chat_settings.set_rules("c-ann", ChatRules(), version)
    assert await store.chat_settings.set_rules("c-ann", ChatRules(slow_seconds=5), 1)

    status = await store.chat_settings.membership_status("c-ann", "u-bob")
    assert (status.rules, status.rules_version) == (ChatRules(slow_seconds=5), 2)


@pytest.mark.parametrize("version", [0, 1])
async def test_one_of_twenty_concurrent_changes_of_the_rules_succeeds(store: Store, version: int) -> None:
    if version:
        await store.chat_settings.set_rules("c-ann", RULES, 0)
    rivals = [replace(RULES, slow_seconds=number, account_age_minutes=number) for number in range(20)]

    answers = await asyncio.gather(*(store.chat_settings.set_rules("c-ann", rival, version) for rival in rivals))

    assert answers.count(True) == 1
    assert (await store.chat_settings.rules_and_pinned("c-ann"))[0] == rivals[answers.index(True)]


async def test_the_status_of_an_ordinary_viewer_is_empty(store: Store) -> None:
    assert await store.chat_settings.membership_status("c-ann", "u-bob") == NOBODY


async def test_the_status_of_a_chatter_is_read_in_one_query(store: Store) -> None:
    await store.chat_settings.set_rules("c-ann", RULES, 0)
    await store.chat_settings.add_moderator("c-ann", Chatter("u-eve", "eve"))
    await store.chat_settings.set_ban(TIMEOUT)
    await store.follows.follow("c-ann", "u-eve", NOW - REST)

    assert await store.chat_settings.membership_status("c-ann", "u-eve") == MembershipStatus(
        RULES, is_moderator=True, ban=TIMEOUT, followed_at=NOW - REST, rules_version=1, owner_id="u-ann"
    )
    assert await store.chat_settings.membership_status("c-ann", "u-bob") == replace(
        NOBODY, rules=RULES, rules_version=1
    )
    assert await store.chat_settings.membership_status("c-bob", "u-eve") == replace(NOBODY, owner_id="u-bob")


@pytest.mark.parametrize("message", [MESSAGE, ANSWER])
async def test_a_pinned_message_is_read_as_it_was_stored(store: Store, message: ChatMessage) -> None:
    assert await store.chat_settings.set_pinned("c-ann", message, "")

    assert await store.chat_settings.pinned("c-ann") == message
    assert await store.chat_settings.pinned("c-bob") is None


async def test_a_new_pinned_message_replaces_the_previous_one(store: Store) -> None:
    await store.chat_settings.set_pinned("c-ann", ANSWER, "")

    assert await store.chat_settings.set_pinned("c-ann", MESSAGE, ANSWER.message_id)

    assert await store.chat_settings.pinned("c-ann") == MESSAGE


async def test_an_unpinned_message_is_no_longer_pinned(store: Store) -> None:
    await store.chat_settings.set_pinned("c-ann", MESSAGE, "")

    assert await store.chat_settings.set_pinned("c-ann", None, MESSAGE.message_id)

    assert await store.chat_settings.pinned("c-ann") is None
    assert await store.chat_settings.set_pinned("c-ann", None, "")


@pytest.mark.parametrize("message", [ANSWER, None])
async def test_the_pinned_message_is_replaced_only_if_it_is_the_one_that_was_read(
    store: Store, message: ChatMessage | None
) -> None:
    assert not await store.chat_settings.set_pinned("c-ann", message, "m-9")
    await store.chat_settings.set_pinned("c-ann", MESSAGE, "")

    for replaced_id in ("", "m-9"):
        assert not await store.chat_settings.set_pinned("c-ann", message, replaced_id)

    assert await store.chat_settings.pinned("c-ann") == MESSAGE


async def test_moderators_are_ordered_by_name_ignoring_case(store: Store) -> None:
    for name in ("zoe", "Bob", "Ärmel", "ann"):
        assert await store.chat_settings.add_moderator("c-ann", Chatter(f"u-{name}", name))
    await store.chat_settings.add_moderator("c-bob", Chatter("u-eve", "eve"))

    moderators = await store.chat_settings.moderators("c-ann")

    assert moderators == [Chatter(f"u-{name}", name) for name in ("ann", "Bob", "zoe", "Ärmel")]


async def test_a_moderator_is_added_once_and_removed_once(store: Store) -> None:
    bob = Chatter("u-bob", "Bob")

    assert await store.chat_settings.add_moderator("c-ann", bob)
    assert not await store.chat_settings.add_moderator("c-ann", bob)
    assert await store.chat_settings.moderators("c-ann") == [bob]
    assert (await store.chat_settings.membership_status("c-ann", "u-bob")).is_moderator

    assert not await store.chat_settings.remove_moderator("c-bob", "u-bob")
    assert await store.chat_settings.remove_moderator("c-ann", "u-bob")
    assert not await store.chat_settings.remove_moderator("c-ann", "u-bob")
    assert await store.chat_settings.moderators("c-ann") == []
    assert not (await store.chat_settings.membership_status("c-ann", "u-bob")).is_moderator


async def test_one_of_twenty_concurrent_additions_of_a_moderator_succeeds(store: Store) -> None:
    bob = Chatter("u-bob", "Bob")

    made = await asyncio.gather(*(store.chat_settings.add_moderator("c-ann", bob) for _ in range(20)))
    unmade = await asyncio.gather(*(store.chat_settings.remove_moderator("c-ann", "u-bob") for _ in range(20)))

    assert (made.count(True), unmade.count(True)) == (1, 1)


async def test_active_bans_are_ordered_newest_first(store: Store) -> None:
    elsewhere = replace(BAN, channel_id="c-bob")
    for ban in (BAN, TIMEOUT, elsewhere):
        await store.chat_settings.set_ban(ban)

    assert await store.chat_settings.bans("c-ann", NOW, 10) == [TIMEOUT, BAN]
    assert await store.chat_settings.bans("c-ann", NOW, 1) == [TIMEOUT]
    assert await store.chat_settings.bans("c-ann", NOW, 0) == []
    assert await store.chat_settings.bans("c-bob", NOW, 10) == [elsewhere]


async def test_a_timeout_is_active_until_its_end_and_remains_stored(store: Store) -> None:
    await store.chat_settings.set_ban(TIMEOUT)
    assert TIMEOUT.until

    assert await store.chat_settings.bans("c-ann", TIMEOUT.until - MILLISECOND, 10) == [TIMEOUT]
    assert await store.chat_settings.bans("c-ann", TIMEOUT.until, 10) == []
    assert (await store.chat_settings.membership_status("c-ann", "u-eve")).ban == TIMEOUT


async def test_a_new_ban_replaces_the_previous_one(store: Store) -> None:
    await store.chat_settings.set_ban(TIMEOUT)
    for_good = replace(TIMEOUT, until=None, reason="again", by="Ann")

    await store.chat_settings.set_ban(for_good)

    assert await store.chat_settings.bans("c-ann", NOW, 10) == [for_good]
    assert (await store.chat_settings.membership_status("c-ann", "u-eve")).ban == for_good


async def test_twenty_concurrent_bans_of_a_chatter_store_one_ban(store: Store) -> None:
    rivals = [replace(BAN, by=f"mod{number}") for number in range(20)]

    await asyncio.gather(*(store.chat_settings.set_ban(rival) for rival in rivals))

    [ban] = await store.chat_settings.bans("c-ann", NOW, 100)
    assert ban in rivals


async def test_a_lifted_ban_has_no_effect(store: Store) -> None:
    await store.chat_settings.set_ban(BAN)
    await store.chat_settings.set_ban(TIMEOUT)

    assert await store.chat_settings.lift_ban("c-ann", "u-troll", BAN.since)
    assert not await store.chat_settings.lift_ban("c-ann", "u-troll", BAN.since)
    assert not await store.chat_settings.lift_ban("c-bob", "u-eve", TIMEOUT.since)
    assert not await store.chat_settings.lift_ban("c-ann", "u-eve", TIMEOUT.since - MILLISECOND)

    assert await store.chat_settings.bans("c-ann", NOW, 10) == [TIMEOUT]
    ban = (await store.chat_settings.membership_status("c-ann", "u-troll")).ban
    assert ban is None or not ban.is_active(NOW)


async def test_the_first_turn_is_immediate_and_the_next_one_must_wait(store: Store) -> None:
    assert await take_turn(store, "c-ann", "u-bob", NOW, REST) == timedelta(0)
    assert await take_turn(store, "c-ann", "u-bob", NOW, REST) == REST
    assert await take_turn(store, "c-ann", "u-bob", NOW + REST - MILLISECOND, REST) == MILLISECOND
    assert await take_turn(store, "c-ann", "u-bob", NOW + REST, REST) == timedelta(0)
    assert await take_turn(store, "c-ann", "u-bob", NOW + REST + MILLISECOND, REST) == REST - MILLISECOND


async def test_setting_the_clock_back_does_not_prolong_the_wait(store: Store) -> None:
    await take_turn(store, "c-ann", "u-bob", NOW, REST)
    set_back = NOW - timedelta(hours=1)

    assert await take_turn(store, "c-ann", "u-bob", set_back, REST) == timedelta(0)
    assert await take_turn(store, "c-ann", "u-bob", set_back + MILLISECOND, REST) == REST - MILLISECOND


async def test_a_small_clock_difference_between_machines_gives_no_extra_turn(store: Store) -> None:
    await take_turn(store, "c-ann", "u-bob", NOW, REST)

    assert await take_turn(store, "c-ann", "u-bob", NOW - timedelta(seconds=1), REST) > REST


async def test_a_refused_turn_does_not_prolong_the_wait(store: Store) -> None:
    await take_turn(store, "c-ann", "u-bob", NOW, REST)

    for second in range(1, 10):
        wait = await take_turn(store, "c-ann", "u-bob", NOW + timedelta(seconds=second), REST)
        assert wait == REST - timedelta(seconds=second)

    assert await take_turn(store, "c-ann", "u-bob", NOW + REST, REST) == timedelta(0)


async def test_turns_are_separate_for_each_chatter_and_channel(store: Store) -> None:
    for channel_id in ("c-ann", "c-bob"):
        for user_id in ("u-ann", "u-bob"):
            assert await take_turn(store, channel_id, user_id, NOW, REST) == timedelta(0)


async def test_a_shorter_wait_counts_from_the_same_turn(store: Store) -> None:
    await take_turn(store, "c-ann", "u-bob", NOW, REST)
    later = NOW + timedelta(seconds=2)

    assert await take_turn(store, "c-ann", "u-bob", later, timedelta(seconds=3)) == timedelta(seconds=1)
    assert await take_turn(store, "c-ann", "u-bob", later, timedelta(seconds=2)) == timedelta(0)


async def test_one_of_twenty_concurrent_takers_gets_the_turn(store: Store) -> None:
    for instant in (NOW, NOW + REST, NOW + 5 * REST):
        waits = await asyncio.gather(*(take_turn(store, "c-ann", "u-bob", instant, REST) for _ in range(20)))

        assert sorted(waits) == [timedelta(0)] + 19 * [REST]


async def test_a_message_keeps_its_turn_when_it_is_sent_again(store: Store) -> None:
    for wait in (0, 1, 2):
        now = NOW + timedelta(seconds=wait)
        assert await store.chat_settings.take_slow_mode_turn("c-ann", "u-bob", "m-1", now, REST) == timedelta(0)

    assert await store.chat_settings.take_slow_mode_turn(
        "c-ann", "u-bob", "m-2", NOW + timedelta(seconds=2), REST
    ) == timedelta(seconds=8)


async def test_a_turn_is_returned_only_by_the_message_that_has_it(store: Store) -> None:
    await store.chat_settings.take_slow_mode_turn("c-ann", "u-bob", "m-1", NOW, REST)

    for where in (("c-ann", "u-bob", "m-2"), ("c-bob", "u-bob", "m-1"), ("c-ann", "u-eve", "m-1")):
        await store.chat_settings.release_slow_mode_turn(*where)
    assert await store.chat_settings.take_slow_mode_turn("c-ann", "u-bob", "m-2", NOW, REST) == REST
    await store.chat_settings.release_slow_mode_turn("c-ann", "u-bob", "m-1")

    assert await store.chat_settings.take_slow_mode_turn("c-ann", "u-bob", "m-2", NOW, REST) == timedelta(0)
