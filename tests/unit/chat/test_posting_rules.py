"""A channel's rules applied to posted messages."""

import asyncio
from datetime import timedelta

import pytest

from streaming_app.backend.chat.model import FilterAction, LinkPolicy
from streaming_app.backend.chat.service import HeldForReview, SentMessage
from streaming_app.backend.errors import (
    BusUnavailableError,
    ForbiddenError,
    InvalidError,
    RateLimitedError,
    StoreUnavailableError,
)
from streaming_app.backend.events import ChatModerated
from tests.rig.chat_room import Room
from tests.rig.faults import Fault

MODERATING = ["Max", "Olga", "Sid"]


async def test_in_slow_mode_each_chatter_waits_for_their_turn(room: Room) -> None:
    await room.set_rules(slow_seconds=30)
    await room.say("Ann", "one")
    await room.say("Eve", "mine")

    with pytest.raises(RateLimitedError, match="Slow mode is on: you can chat again in 30 seconds") as refused:
        await room.post("Ann", "two")
    room.now += timedelta(seconds=30)
    await room.say("Ann", "three")

    assert refused.value.retry_after == timedelta(seconds=30)
    assert await room.texts() == ["one", "mine", "three"]


async def test_slow_mode_accepts_one_of_many_concurrent_messages(room: Room) -> None:
    await room.set_rules(slow_seconds=30)

    results = await asyncio.gather(*(room.post("Ann", f"{n}") for n in range(10)), return_exceptions=True)

    assert [type(result) for result in results].count(SentMessage) == 1
    assert len(await room.texts()) == 1


async def test_followers_only_refuses_others(room: Room) -> None:
    await room.set_rules(followers_only_minutes=10)
    await room.store.follows.follow("c1", "u-ann", room.now - timedelta(minutes=10))
    await room.store.follows.follow("c1", "u-eve", room.now)
    await room.store.users.set_banned("u-mia", banned=True)

    await room.say("Ann", "hi")
    with pytest.raises(ForbiddenError, match=r"followed the channel for 10 minutes.*You can chat in 10 minutes"):
        await room.post("Eve", "hi")


async def test_minimum_account_age_refuses_new_accounts(room: Room) -> None:
    await room.set_rules(account_age_minutes=60 * 24 * 31)

    with pytest.raises(ForbiddenError, match=r"Accounts must be 31 days old to chat here\. You can chat in 1 day"):
        await room.post("Ann", "hi")


@pytest.mark.parametrize(
    ("rules", "text", "refusal"),
    [
        ({"blocked_terms": ("bad",)}, "so B4D", "Your message contains a blocked term"),
        ({"links": LinkPolicy.NONE}, "see evil.com", "Links are not allowed here"),
        (
            {"links": LinkPolicy.LISTED, "allowed_hosts": ("good.com",)},
            "good.com evil.com",
            "Links to evil.com are not",
        ),
        ({"limits_caps": True}, "WHAT IS GOING ON", "Use fewer capital letters"),
        ({}, "a" * 30, "the same character over and over"),
    ],
)
async def test_a_filter_match_is_refused_with_a_helpful_message(
    room: Room, rules: dict[str, object], text: str, refusal: str
) -> None:
    await room.set_rules(**rules)

    with pytest.raises(InvalidError, match=refusal):
        await room.post("Ann", text)

    assert await room.texts() == []


async def test_a_repeated_message_is_refused(room: Room) -> None:
    await room.say("Ann", "hello there")

    with pytest.raises(RateLimitedError, match="You just sent that"):
        await room.post("Ann", "Hello  THERE")
    await room.say("Eve", "hello there")
    room.now += timedelta(seconds=10)
    await room.say("Ann", "hello there")


async def test_a_repeated_message_is_accepted_if_floods_are_allowed(room: Room) -> None:
    await room.set_rules(limits_flood=False)

    await room.say("Ann", "hello")
    await room.say("Ann", "hello")

    assert await room.texts() == ["hello", "hello"]


@pytest.mark.parametrize("name", MODERATING)
async def test_rules_do_not_apply_to_moderators_and_above(room: Room, name: str) -> None:
    await room.set_rules(
        slow_seconds=60,
        followers_only_minutes=10,
        account_age_minutes=90_000,
        blocked_terms=("bad",),
        links=LinkPolicy.NONE,
        limits_caps=True,
    )

    text = "BAD evil.com THIS IS SHOUTED aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    for _ in range(2):
        await room.say(name, text)

    assert await room.texts() == [text, text]


async def test_a_filter_match_can_be_held(room: Room) -> None:
    await room.set_rules(blocked_terms=("bad",), filtered=FilterAction.HELD)
    question = await room.say("Eve", "how are you?")

    result = await room.post("Ann", "so bad", reply_to=question)

    assert result == HeldForReview()
    assert await room.texts() == ["how are you?"]
    [held] = (await room.dashboard()).held
    assert (held.username, held.text, held.reason) == ("Ann", "so bad", "Blocked term: bad")
    assert held.reply_to
    assert held.reply_to.message_id == question
    assert len(await room.events(ChatModerated)) == 1


async def test_held_messages_use_slow_modes_turn(room: Room) -> None:
    await room.set_rules(blocked_terms=("bad",), filtered=FilterAction.HELD, slow_seconds=30)
    await room.post("Ann", "so bad")

    with pytest.raises(RateLimitedError):
        await room.post("Ann", "very bad")

    assert len((await room.dashboard()).held) == 1


@pytest.mark.parametrize("text", ["so bad", "a" * 30])
async def test_a_message_refused_for_its_content_uses_no_turn(room: Room, text: str) -> None:
    await room.set_rules(blocked_terms=("bad",), slow_seconds=30)
    with pytest.raises(InvalidError):
        await room.post("Ann", text)

    await room.say("Ann", "hi")


async def test_a_repeated_message_uses_no_turn(room: Room) -> None:
    await room.set_rules(slow_seconds=5)
    await room.say("Ann", "hi")
    room.now += timedelta(seconds=6)
    with pytest.raises(RateLimitedError, match="You just sent that"):
        await room.post("Ann", "hi")

    await room.say("Ann", "ho")


async def test_a_message_refused_by_slow_mode_may_be_repeated_later(room: Room) -> None:
    await room.set_rules(slow_seconds=5)
    await room.say("Ann", "hi")
    with pytest.raises(RateLimitedError, match="Slow mode"):
        await room.post("Ann", "ho")
    room.now += timedelta(seconds=5)

    await room.say("Ann", "ho")


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.UNANSWERED])
async def test_a_failure_of_the_site_gives_the_turn_back(room: Room, fault: Fault) -> None:
    await room.set_rules(slow_seconds=300)
    steps = ["get", "membership_status", "take_slow_mode_turn", "publish"]
    for step in range(len(steps)):
        room.now += timedelta(minutes=5)
        room.faults.fail_at(step, fault)
        with pytest.raises((BusUnavailableError, StoreUnavailableError)):
            await room.post("Ann", f"at step {step}")
        assert room.faults.calls[: step + 1] == steps[: step + 1]
        room.faults.stop_failing()

        await room.say("Ann", f"after step {step}, in other words")
