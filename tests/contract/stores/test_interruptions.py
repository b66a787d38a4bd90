"""Actions of moderators, interrupted at every step by an outage or by the death of the process, in both stores."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from streaming_app.backend.chat.model import ChatRules, EntryState, FilterAction, ModerationAction
from tests.conftest import MONGO_SERVERS
from tests.contract.stores.scenes import NewScene, Scene
from tests.rig.faults import Faults, for_each_fault

pytestmark = pytest.mark.parametrize("store_address", ["sqlite-memory", *MONGO_SERVERS], indirect=True)
"""The store under test. SQLite takes the same steps in memory as in a file."""


@dataclass(frozen=True)
class Case:
    """An action and its effect."""

    action: ModerationAction
    before: tuple[tuple[str, ...], ...]
    """What happens first: for each message its author, its text, and the message that it is about."""
    command: tuple[str, ...]
    """The action: its author, the command, and the message that it is about."""
    is_visible: Callable[[Scene], Awaitable[bool]]
    """Whether any part of its effect is visible."""
    is_complete: Callable[[Scene], Awaitable[bool]]
    """Whether its effect is complete."""

    @property
    def wanted(self) -> tuple[ModerationAction, str]:
        """Return the action and author by which its log entries are found."""
        return self.action, self.command[0]

    def prepared(self, new_scene: NewScene) -> NewScene:
        async def prepare(faults: Faults) -> Scene:
            scene = await new_scene(faults)
            for words in self.before:
                await scene.post(*words)
            return scene

        return prepare


async def _is_ann_deleted(scene: Scene) -> bool:
    return not await scene.is_shown("hi")


async def _is_ann_deleted_and_not_pinned(scene: Scene) -> bool:
    return not await scene.is_shown("hi") and not await scene.pinned()


async def _is_ann_banned(scene: Scene) -> bool:
    return await scene.is_banned("Ann")


async def _can_ann_post(scene: Scene) -> bool:
    return not await scene.is_banned("Ann")


async def _is_max_banned(scene: Scene) -> bool:
    return await scene.is_banned("Max")


async def _is_max_banned_and_dismissed(scene: Scene) -> bool:
    return await scene.is_banned("Max") and not await scene.is_moderator("Max")


async def _moderates_ann(scene: Scene) -> bool:
    return await scene.is_moderator("Ann")


async def _is_max_dismissed(scene: Scene) -> bool:
    return not await scene.is_moderator("Max")


async def _is_slow(scene: Scene) -> bool:
    return (await scene.rules()).slow_seconds == 30


async def _is_hi_pinned(scene: Scene) -> bool:
    return await scene.pinned() == "hi"


async def _is_nothing_pinned(scene: Scene) -> bool:
    return await scene.pinned() == ""


HI = ("Ann", "hi")
PINNED = ("Max", "/pin", "hi")
CASES = {
    "delete": Case(ModerationAction.DELETE, (HI,), ("Max", "/delete", "hi"), _is_ann_deleted, _is_ann_deleted),
    "delete-pinned": Case(
        *(
            ModerationAction.DELETE,
            (HI, PINNED),
            ("Max", "/delete", "hi"),
            _is_ann_deleted,
            _is_ann_deleted_and_not_pinned,
        )
    ),
    "clear": Case(
        ModerationAction.CLEAR, (HI, PINNED), ("Max", "/clear ann"), _is_ann_deleted, _is_ann_deleted_and_not_pinned
    ),
    "timeout": Case(ModerationAction.TIMEOUT, (), ("Max", "/timeout ann 5h"), _is_ann_banned, _is_ann_banned),
    "ban": Case(ModerationAction.BAN, (), ("Max", "/ban ann"), _is_ann_banned, _is_ann_banned),
    "ban-moderator": Case(ModerationAction.BAN, (), ("Sid", "/ban max"), _is_max_banned, _is_max_banned_and_dismissed),
    "unban": Case(ModerationAction.UNBAN, (("Mia", "/ban ann"),), ("Max", "/unban ann"), _can_ann_post, _can_ann_post),
    "mod": Case(ModerationAction.ADD_MODERATOR, (), ("Sid", "/mod ann"), _moderates_ann, _moderates_ann),
    "unmod": Case(ModerationAction.REMOVE_MODERATOR, (), ("Sid", "/unmod max"), _is_max_dismissed, _is_max_dismissed),
    "rules": Case(ModerationAction.SET_RULES, (), ("Max", "/slow 30"), _is_slow, _is_slow),
    "rules-again": Case(ModerationAction.SET_RULES, (("Mia", "/followers"),), ("Max", "/slow 30"), _is_slow, _is_slow),
    "pin": Case(ModerationAction.PIN, (HI,), PINNED, _is_hi_pinned, _is_hi_pinned),
    "pin-instead": Case(
        ModerationAction.PIN, (("Eve", "ho"), ("Mia", "/pin", "ho"), HI), PINNED, _is_hi_pinned, _is_hi_pinned
    ),
    "unpin": Case(ModerationAction.UNPIN, (HI, PINNED), ("Max", "/unpin"), _is_nothing_pinned, _is_nothing_pinned),
}
REPEATABLE = {ModerationAction.CLEAR, ModerationAction.TIMEOUT}
"""Actions that have their effect again if a moderator without an answer repeats them."""
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@cases
async def test_an_interrupted_action_is_logged_and_completed_when_it_is_repeated(
    new_scene: NewScene, case: Case
) -> None:
    async def is_logged(scene: Scene) -> None:
        assert await scene.entries(*case.wanted) or not await case.is_visible(scene)

    async def is_done(scene: Scene) -> None:
        assert await case.is_complete(scene)
        states = [entry.state for entry in await scene.entries(*case.wanted)]
        assert states == [EntryState.DONE] or (case.action in REPEATABLE and set(states) == {EntryState.DONE})

    await for_each_fault(
        case.prepared(new_scene),
        act=lambda scene: scene.post(*case.command),
        check=is_done,
        meanwhile=is_logged,
        restart=Scene.restart,
    )


@cases
async def test_an_interrupted_action_or_undo_can_be_undone(new_scene: NewScene, case: Case) -> None:
    async def prepare(faults: Faults) -> Scene:
        scene = await case.prepared(new_scene)(faults)
        await scene.post(*case.command)
        return scene

    async def undo(scene: Scene) -> None:
        [entry] = await scene.entries(*case.wanted)
        await scene.room.undo("Sid", entry)

    async def is_marked_undone(scene: Scene) -> None:
        [entry] = await scene.entries(*case.wanted)
        assert await case.is_visible(scene) or entry.state in {EntryState.UNDOING, EntryState.UNDONE}
        assert entry.state is not EntryState.UNDONE or not await case.is_visible(scene)

    async def is_undone(scene: Scene) -> None:
        assert not await case.is_visible(scene)
        [entry] = await scene.entries(*case.wanted)
        assert (entry.state, entry.undone_by) == (EntryState.UNDONE, "Sid")

    await for_each_fault(prepare, undo, is_undone, meanwhile=is_marked_undone, restart=Scene.restart)


@cases
async def test_an_interrupted_action_can_be_undone_instead_of_repeated(new_scene: NewScene, case: Case) -> None:
    async def undo(scene: Scene) -> None:
        scene.room.now += timedelta(minutes=1)
        for entry in await scene.entries(*case.wanted):
            await scene.room.undo("Sid", entry)

    async def is_undone_or_done(scene: Scene) -> None:
        entries = await scene.entries(*case.wanted)
        assert await case.is_visible(scene) == any(entry.state is EntryState.DONE for entry in entries)

    await for_each_fault(
        case.prepared(new_scene),
        act=lambda scene: scene.post(*case.command),
        check=is_undone_or_done,
        restart=Scene.restart,
        again=undo,
    )


async def test_an_interrupted_resignation_of_a_moderator_is_completed(new_scene: NewScene) -> None:
    async def resign(scene: Scene) -> None:
        await scene.room.moderation.remove_moderator(scene.room.channel_id, "u-max", "max")

    async def has_resigned(scene: Scene) -> None:
        assert not await scene.is_moderator("Max")
        assert [entry.state for entry in await scene.entries(ModerationAction.REMOVE_MODERATOR)] == [EntryState.DONE]

    await for_each_fault(new_scene, resign, has_resigned, restart=Scene.restart)


@pytest.mark.parametrize("action", [ModerationAction.APPROVE, ModerationAction.REJECT])
async def test_an_interrupted_decision_about_a_held_message_is_carried_out_once(
    new_scene: NewScene, action: ModerationAction
) -> None:
    prepare = _holding(new_scene)

    async def decide(scene: Scene) -> None:
        held_messages, held_id = scene.room.held_messages, scene.ids["held"]
        await (held_messages.approve if action is ModerationAction.APPROVE else held_messages.reject)(
            scene.room.channel_id, "u-max", held_id
        )

    async def is_logged(scene: Scene) -> None:
        assert await scene.held() or await scene.entries(action)
        assert not await scene.is_shown("bad") or await scene.entries(action)

    async def is_decided(scene: Scene) -> None:
        assert (await scene.room.texts()).count("bad") == (1 if action is ModerationAction.APPROVE else 0)
        assert await scene.held() == []
        assert [entry.state for entry in await scene.entries(action)] == [EntryState.DONE]

    await for_each_fault(prepare, decide, is_decided, meanwhile=is_logged, restart=Scene.restart)


async def test_a_rejection_after_an_interrupted_approval_keeps_the_message_out(new_scene: NewScene) -> None:
    async def approve(scene: Scene) -> None:
        await scene.room.held_messages.approve(scene.room.channel_id, "u-max", scene.ids["held"])

    async def reject(scene: Scene) -> None:
        if await scene.held():
            await scene.room.held_messages.reject(scene.room.channel_id, "u-max", scene.ids["held"])
        else:
            await approve(scene)

    async def is_decided(scene: Scene) -> None:
        assert await scene.held() == []
        approved = any(entry.state is EntryState.DONE for entry in await scene.entries(ModerationAction.APPROVE))
        assert await scene.is_shown("bad") == approved
        assert approved != any(entry.state is EntryState.DONE for entry in await scene.entries(ModerationAction.REJECT))

    await for_each_fault(_holding(new_scene), approve, is_decided, restart=Scene.restart, again=reject)


def _holding(new_scene: NewScene) -> NewScene:
    async def prepare(faults: Faults) -> Scene:
        scene = await new_scene(faults)
        rules = ChatRules(blocked_terms=("bad",), filtered=FilterAction.HELD)
        assert await scene.room.store.chat_settings.set_rules(scene.room.channel_id, rules, 0)
        await scene.post("Ann", "bad")
        [held] = await scene.room.store.held_messages.waiting(scene.room.channel_id, 9)
        scene.ids["held"] = held.message_id
        return scene

    return prepare
