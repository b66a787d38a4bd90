"""Actions of chatters, interrupted at every step by an outage or by the death of the process, in both stores."""

from datetime import timedelta

import pytest

from streaming_app.backend.chat.channel_follows import FollowService
from streaming_app.backend.chat.emotes import EmoteService
from streaming_app.backend.chat.members import MembershipService
from streaming_app.backend.chat.model import ChatRules, EntryState, FilterAction, ModerationAction, Picture
from streaming_app.backend.chat.moderation_log import ModerationLogService
from streaming_app.backend.errors import BusUnavailableError
from streaming_app.backend.rate_limit import RateLimit
from tests.conftest import MONGO_SERVERS
from tests.contract.stores.scenes import NewScene, Scene
from tests.rig.faults import Faults, for_each_fault
from tests.rig.limits import unlimited

pytestmark = pytest.mark.parametrize("store_address", ["sqlite-memory", *MONGO_SERVERS], indirect=True)
"""The store under test. SQLite takes the same steps in memory as in a file."""


async def keep(scene: Scene, rules: ChatRules) -> None:
    assert await scene.room.store.chat_settings.set_rules(scene.room.channel_id, rules, 0)


async def post_hi(scene: Scene) -> None:
    await scene.room.chat.post(scene.room.channel_id, "u-ann", "hi", client_id="ann-says-hi")


async def test_a_message_that_is_sent_until_it_succeeds_is_posted_once(new_scene: NewScene) -> None:
    async def prepare(faults: Faults) -> Scene:
        scene = await new_scene(faults)
        await keep(scene, ChatRules(slow_seconds=300))
        return scene

    async def is_posted_once(scene: Scene) -> None:
        await post_hi(scene)  # users without an answer try once more
        assert await scene.room.texts() == ["hi"]

    await for_each_fault(prepare, post_hi, is_posted_once, restart=Scene.restart)


async def test_a_held_message_that_is_sent_again_is_held_once(new_scene: NewScene) -> None:
    async def prepare(faults: Faults) -> Scene:
        scene = await new_scene(faults)
        await keep(scene, ChatRules(slow_seconds=300, blocked_terms=("hi",), filtered=FilterAction.HELD))
        return scene

    async def is_held_once(scene: Scene) -> None:
        assert await scene.held() == ["hi"]
        assert await scene.room.texts() == []

    await for_each_fault(prepare, post_hi, is_held_once, restart=Scene.restart)


async def test_an_interrupted_follow_or_unfollow_is_completed(new_scene: NewScene) -> None:
    def follows(scene: Scene) -> FollowService:
        store = scene.room.faults.around(scene.room.store)
        return FollowService(store.users, store.channels, store.follows, lambda: scene.room.now, unlimited())

    async def follow(scene: Scene) -> None:
        await follows(scene).follow(scene.room.channel_id, "u-ann")

    async def unfollow(scene: Scene) -> None:
        await follows(scene).unfollow(scene.room.channel_id, "u-ann")

    async def follows_once(scene: Scene) -> None:
        assert (await scene.room.store.follows.following(scene.room.channel_id, "")).followers == 1

    async def has_unfollowed(scene: Scene) -> None:
        assert (await scene.room.store.follows.following(scene.room.channel_id, "")).followers == 0

    async def following(faults: Faults) -> Scene:
        scene = await new_scene(faults)
        await follow(scene)
        return scene

    await for_each_fault(new_scene, follow, follows_once)
    await for_each_fault(following, unfollow, has_unfollowed)


async def test_an_interrupted_change_of_emotes_is_made_once(new_scene: NewScene) -> None:
    async def add(scene: Scene) -> None:
        await _emotes(scene).add(scene.room.channel_id, "u-sid", "hype", b"upload")

    async def remove(scene: Scene) -> None:
        await _emotes(scene).remove(scene.room.channel_id, "u-sid", scene.ids["hype"])

    async def is_added(scene: Scene) -> None:
        assert [emote.name for emote in await scene.room.store.emotes.of(scene.room.channel_id)] == ["hype"]

    async def is_removed(scene: Scene) -> None:
        assert await scene.room.store.emotes.of(scene.room.channel_id) == []
        assert [entry.state for entry in await scene.entries(ModerationAction.REMOVE_EMOTE, "Sid")] == [EntryState.DONE]

    async def is_logged(scene: Scene) -> None:
        is_there = bool(await scene.room.store.emotes.of(scene.room.channel_id))
        assert is_there or await scene.entries(ModerationAction.REMOVE_EMOTE, "Sid")

    async def with_emote(faults: Faults) -> Scene:
        scene = await new_scene(faults)
        await add(scene)
        [emote] = await scene.room.store.emotes.of(scene.room.channel_id)
        scene.ids["hype"] = emote.emote_id
        return scene

    await for_each_fault(new_scene, add, is_added)
    await for_each_fault(with_emote, remove, is_removed, meanwhile=is_logged)


class _AnyPicture:
    async def emote(self, upload: bytes) -> Picture:
        return Picture("image/webp", 28, 28, upload)


def _emotes(scene: Scene) -> EmoteService:
    room = scene.room
    store, bus = room.faults.around(room.store), room.faults.around(room.bus, BusUnavailableError)
    members = MembershipService(store.users, store.chat_settings)
    uploads = RateLimit(50, timedelta(0), lambda: 0.0, "")
    moderation_log = ModerationLogService(store.moderation_log, bus, lambda: room.now)
    return EmoteService(
        *(members, store.channels, store.emotes, _AnyPicture(), uploads, moderation_log, bus, lambda: room.now)
    )
