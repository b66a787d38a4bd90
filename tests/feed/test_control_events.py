"""Control events about the actions of moderators, as every viewer receives them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from streaming_app.backend.bootstrap import now
from streaming_app.backend.chat.model import ChatMessage, ChatRules, Role
from streaming_app.backend.events import (
    ChatEmotesChanged,
    ChatMessagePayload,
    ChatMessagesDeleted,
    ChatMessageSent,
    ChatMessagesRestored,
    ChatModerated,
    ChatPinned,
    ChatRulesChanged,
    ChatterBanned,
    ChatterRoleChanged,
    ChatterUnbanned,
    Event,
    QuotedMessagePayload,
)
from tests.feed.conftest import Site
from tests.rig.feed_client import connect, connected, leave

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
LINE = ChatMessagePayload(
    message_id="m1", user_id="u1", username="ada", text="hi", sent_at=AT, position=2**60, role="moderator"
)
RULES_TEXT = "Slow mode: one message every 10 seconds · Followers only · Only for accounts older than 1 hour"
LINE_FRAME = {
    "id": "m1",
    "cursor": str(2**60),
    "name": "ada",
    "text": "hi",
    "at": "2026-11-24T10:00:00.000+00:00",
    "role": "moderator",
}
ACTS: list[tuple[type[Event], dict[str, object], dict[str, object]]] = [
    (ChatMessagesDeleted, {"entry_id": "e1", "message_ids": ("m1",)}, {"type": "deleted", "ids": ["m1"]}),
    (ChatMessagesRestored, {"entry_id": "e1", "lines": (LINE,)}, {"type": "restored", "messages": [LINE_FRAME]}),
    (
        ChatterBanned,
        {"user_id": "u1", "username": "troll", "until": AT, "reason": "spam"},
        {"type": "banned", "name": "troll", "until": "2026-11-24T10:00:00.000+00:00"},
    ),
    (
        ChatterBanned,
        {"user_id": "u1", "username": "troll", "until": None, "reason": ""},
        {"type": "banned", "name": "troll", "until": None},
    ),
    (ChatterUnbanned, {"user_id": "u1", "username": "troll"}, {"type": "unbanned", "name": "troll"}),
    (
        ChatterRoleChanged,
        {"user_id": "u1", "username": "ada", "role": "moderator"},
        {"type": "role", "name": "ada", "role": "moderator"},
    ),
    (
        ChatRulesChanged,
        {"slow_seconds": 10, "followers_only_minutes": 0, "account_age_minutes": 60},
        {"type": "rules", "rules": {"slow": 10, "followers": 0, "age": 60, "text": RULES_TEXT}},
    ),
    (ChatPinned, {"line": LINE}, {"type": "pinned", "message": LINE_FRAME}),
    (ChatPinned, {"line": None}, {"type": "pinned", "message": None}),
    (ChatEmotesChanged, {}, {"type": "emotes"}),
    (ChatModerated, {}, {"type": "moderation"}),
]


@pytest.mark.parametrize(("event", "words", "frame"), ACTS, ids=[str(frame["type"]) for _, _, frame in ACTS])
async def test_a_control_event_is_sent_to_everyone(
    site: Site, channel_id: str, event: Callable[..., Event], words: dict[str, object], frame: dict[str, object]
) -> None:
    async with connected(site.port, f"/feed/{channel_id}") as viewer:
        await site.backend.bus.publish(event(at=now(), channel_id=channel_id, **words))
        await viewer.until(lambda: frame["type"] in [frame["type"] for frame in viewer.frames])

    assert viewer.of_type(str(frame["type"])) == [frame]


async def test_a_page_that_connects_just_after_a_moderation_learns_of_it(site: Site, channel_id: str) -> None:
    quiet_id = await site.new_channel()
    async with connected(site.port, f"/feed/{channel_id}") as viewer:
        await site.backend.bus.publish(ChatModerated(at=now(), channel_id=channel_id))
        await viewer.until(lambda: viewer.of_type("moderation"))

    async with connected(site.port, f"/feed/{channel_id}") as moderator:
        await moderator.until(lambda: moderator.of_type("moderation"))
    async with connected(site.port, f"/feed/{quiet_id}") as other:
        await site.say(quiet_id, "hi")
        await other.until(lambda: other.messages)
    assert other.of_type("moderation") == []


async def test_deleting_all_messages_of_a_chatter_sends_their_name(site: Site, channel_id: str) -> None:
    async with connected(site.port, f"/feed/{channel_id}") as viewer:
        await site.say(channel_id, "spam", name="troll")
        await site.backend.bus.publish(
            ChatMessagesDeleted(at=now(), channel_id=channel_id, entry_id="e1", user_id="u1", username="troll")
        )
        await site.say(channel_id, "sorry", name="troll")
        await viewer.until(lambda: len(viewer.messages) == 2)

    [deleted] = viewer.of_type("deleted")
    assert deleted["name"] == "troll"
    assert int(viewer.messages[0]["cursor"]) < int(deleted["until"]) < int(viewer.messages[1]["cursor"])


async def test_a_message_has_the_role_of_its_author_and_its_quote(site: Site, channel_id: str) -> None:
    async with connected(site.port, f"/feed/{channel_id}") as viewer:
        await site.backend.bus.publish(
            ChatMessageSent(
                at=now(),
                channel_id=channel_id,
                user_id="u1",
                username="ada",
                text="yes",
                role="owner",
                reply_to=QuotedMessagePayload(message_id="m0", username="bob", text="really?"),
            )
        )
        await viewer.until(lambda: viewer.messages)

    [message] = viewer.messages
    assert message["role"] == "owner"
    assert message["reply"] == {"id": "m0", "name": "bob", "text": "really?"}


async def test_a_deleted_message_is_not_quoted_to_new_viewers(site: Site, channel_id: str) -> None:
    async with connected(site.port, f"/feed/{channel_id}") as viewer:
        await site.say(channel_id, "really?")
        await viewer.until(lambda: viewer.messages)
    original = viewer.messages[0]["id"]
    quote = QuotedMessagePayload(message_id=original, username="bob", text="really?")
    await site.backend.bus.publish(
        ChatMessageSent(at=now(), channel_id=channel_id, user_id="u1", username="ada", text="yes", reply_to=quote)
    )
    await site.backend.bus.publish(
        ChatMessagesDeleted(at=now(), channel_id=channel_id, entry_id="e1", message_ids=(original,))
    )

    async with connected(site.port, f"/feed/{channel_id}") as newcomer:
        [message] = newcomer.welcome["messages"]
        assert message["reply"] == {"id": original, "name": "bob", "text": None}
        assert "really?" not in str(newcomer.welcome)


async def test_a_welcome_has_the_rules_and_the_pinned_message(site: Site, channel_id: str) -> None:
    await site.backend.store.chat_settings.set_rules(
        channel_id, ChatRules(slow_seconds=10, followers_only_minutes=5), 0
    )
    pinned = ChatMessage("m1", channel_id, "u1", "ada", "hi", AT, 2**60, Role.MODERATOR)
    await site.backend.store.chat_settings.set_pinned(channel_id, pinned, "")

    async with connected(site.port, f"/feed/{channel_id}") as viewer:
        text = "Slow mode: one message every 10 seconds · Only for those who have followed for 5 minutes"
        assert viewer.welcome["channel"]["rules"] == {"slow": 10, "followers": 5, "age": 0, "text": text}
        assert viewer.welcome["channel"]["pinned"] == LINE_FRAME


async def test_a_returning_viewer_gets_the_ids_of_deleted_messages(site: Site, channel_id: str) -> None:
    viewer = await connect(site.port, f"/feed/{channel_id}")
    await site.say(channel_id, "one", "two")
    await viewer.until(lambda: len(viewer.messages) == 2)
    await leave(viewer)
    [one, two] = viewer.messages
    await site.backend.store.chat_archive.delete(channel_id, "e1", [one["id"]])

    async with connected(site.port, f"/feed/{channel_id}?after={two['cursor']}") as viewer:
        assert (viewer.welcome["resumed"], viewer.welcome["deleted"]) == (True, [one["id"]])
    async with connected(site.port, f"/feed/{channel_id}") as newcomer:
        assert "deleted" not in newcomer.welcome
