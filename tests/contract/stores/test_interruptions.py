"""What moderators do, interrupted at every step by an outage or by the end of the process, in both stores."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.chat.archiving import Archiving
from streaming_app.backend.chat.model import Chatter, Deed, Entry, EntryState, Filtered, Rules
from streaming_app.backend.chat.service import Said
from streaming_app.backend.events import CHAT_TOPIC
from tests.conftest import MONGO_SERVERS
from tests.contract.stores.samples import Store
from tests.rig.faults import Faults, for_each_fault
from tests.unit.chat.conftest import CHANNEL, START, Room, id_of

pytestmark = pytest.mark.parametrize("store_address", ["sqlite-memory", *MONGO_SERVERS], indirect=True)
"""SQLite takes the same steps in memory as in a file."""


@dataclass
class Scene:
    """A chat of its own channel, and what was said there."""

    room: Room
    ids: dict[str, str] = field(default_factory=dict[str, str])
    """Of the messages, by text."""

    async def play(self, name: str, line: str, about: str = "") -> None:
        """Say or order something, perhaps in answer to the message that says ``about``."""
        result = await self.room.post(name, line, self.ids.get(about, ""))
        if isinstance(result, Said):
            self.ids[line] = result.message_id
        self.room.now += timedelta(minutes=1)

    async def reads(self, text: str) -> bool:
        return text in await self.room.texts()

    async def is_banned(self, name: str) -> bool:
        ban = (await self.room.store.rooms.standing(self.room.channel_id, id_of(name))).ban
        return bool(ban and ban.holds(self.room.now))

    async def moderates(self, name: str) -> bool:
        return (await self.room.store.rooms.standing(self.room.channel_id, id_of(name))).is_moderator

    async def pinned(self) -> str:
        pinned = await self.room.store.rooms.pinned(self.room.channel_id)
        return pinned.text if pinned else ""

    async def rules(self) -> Rules:
        return await self.room.store.rooms.rules(self.room.channel_id)

    async def entries(self, deed: Deed, by: str = "Max") -> list[Entry]:
        log = await self.room.store.moderation_log.newest(self.room.channel_id, 100)
        return [entry for entry in log if entry.deed is deed and entry.by == by]

    async def held(self) -> list[str]:
        return [message.text for message in await self.room.store.held_messages.waiting(self.room.channel_id, 9)]

    def restart(self) -> None:
        """Start the process anew."""
        self.room.start()


NewScene = Callable[[Faults], Awaitable[Scene]]


@pytest.fixture
async def new_scene(store: Store) -> AsyncIterator[NewScene]:
    """Makes chats. Ann and Eve are viewers, Max and Mia moderators; Sid is an admin of the site."""
    numbers = count()
    for name in ("Ann", "Eve", "Max", "Mia", "Sid"):
        await store.users.add(_user(name))
    await store.users.set_admin("u-sid", is_admin=True)

    async with AsyncExitStack() as stack:

        async def make(faults: Faults) -> Scene:
            owner = f"Olga{next(numbers)}"
            await store.users.add(_user(owner))
            channel = replace(CHANNEL, channel_id=f"c-{owner}", owner_id=id_of(owner), slug=owner, key_hash=owner)
            await store.channels.add(channel)
            for name in ("Max", "Mia"):
                await store.rooms.add_moderator(channel.channel_id, Chatter(id_of(name), name))
            room = Room(store, channel.channel_id, faults=faults)
            archiving = Archiving(store.chat_archive)
            await stack.enter_async_context(room.bus.subscribe([CHAT_TOPIC], archiving.hear, group="chat-archiver"))
            return Scene(room)

        yield make


def _user(name: str) -> User:
    return User(id_of(name), name, f"{name}@example.com", "hash", START - timedelta(days=30))


@dataclass(frozen=True)
class Case:
    """An action and its effect."""

    deed: Deed
    before: tuple[tuple[str, ...], ...]
    """What happens first: who, what they write, and what it is about."""
    order: tuple[str, ...]
    """The action: who, the command, and what it is about."""
    shows: Callable[[Scene], Awaitable[bool]]
    """Whether any of its effect is there."""
    is_whole: Callable[[Scene], Awaitable[bool]]
    """Whether all of it is."""

    @property
    def wanted(self) -> tuple[Deed, str]:
        """What its entries are known by."""
        return self.deed, self.order[0]

    def prepared(self, new_scene: NewScene) -> NewScene:
        async def prepare(faults: Faults) -> Scene:
            scene = await new_scene(faults)
            for words in self.before:
                await scene.play(*words)
            return scene

        return prepare


async def _is_ann_deleted(scene: Scene) -> bool:
    return not await scene.reads("hi")


async def _is_ann_deleted_and_not_pinned(scene: Scene) -> bool:
    return not await scene.reads("hi") and not await scene.pinned()


async def _is_ann_banned(scene: Scene) -> bool:
    return await scene.is_banned("Ann")


async def _may_ann_write(scene: Scene) -> bool:
    return not await scene.is_banned("Ann")


async def _is_max_banned(scene: Scene) -> bool:
    return await scene.is_banned("Max")


async def _is_max_banned_and_dismissed(scene: Scene) -> bool:
    return await scene.is_banned("Max") and not await scene.moderates("Max")


async def _moderates_ann(scene: Scene) -> bool:
    return await scene.moderates("Ann")


async def _is_max_dismissed(scene: Scene) -> bool:
    return not await scene.moderates("Max")


async def _is_slow(scene: Scene) -> bool:
    return (await scene.rules()).slow_seconds == 30


async def _is_hi_pinned(scene: Scene) -> bool:
    return await scene.pinned() == "hi"


async def _is_nothing_pinned(scene: Scene) -> bool:
    return await scene.pinned() == ""


HI = ("Ann", "hi")
PINNED = ("Max", "/pin", "hi")
CASES = {
    "delete": Case(Deed.DELETE, (HI,), ("Max", "/delete", "hi"), _is_ann_deleted, _is_ann_deleted),
    "delete-pinned": Case(
        *(Deed.DELETE, (HI, PINNED), ("Max", "/delete", "hi"), _is_ann_deleted, _is_ann_deleted_and_not_pinned)
    ),
    "clear": Case(Deed.CLEAR, (HI, PINNED), ("Max", "/clear ann"), _is_ann_deleted, _is_ann_deleted_and_not_pinned),
    "timeout": Case(Deed.TIMEOUT, (), ("Max", "/timeout ann 5h"), _is_ann_banned, _is_ann_banned),
    "ban": Case(Deed.BAN, (), ("Max", "/ban ann"), _is_ann_banned, _is_ann_banned),
    "ban-moderator": Case(Deed.BAN, (), ("Sid", "/ban max"), _is_max_banned, _is_max_banned_and_dismissed),
    "unban": Case(Deed.UNBAN, (("Mia", "/ban ann"),), ("Max", "/unban ann"), _may_ann_write, _may_ann_write),
    "mod": Case(Deed.ADD_MODERATOR, (), ("Sid", "/mod ann"), _moderates_ann, _moderates_ann),
    "unmod": Case(Deed.REMOVE_MODERATOR, (), ("Sid", "/unmod max"), _is_max_dismissed, _is_max_dismissed),
    "rules": Case(Deed.SET_RULES, (), ("Max", "/slow 30"), _is_slow, _is_slow),
    "rules-again": Case(Deed.SET_RULES, (("Mia", "/followers"),), ("Max", "/slow 30"), _is_slow, _is_slow),
    "pin": Case(Deed.PIN, (HI,), PINNED, _is_hi_pinned, _is_hi_pinned),
    "pin-instead": Case(Deed.PIN, (("Eve", "ho"), ("Mia", "/pin", "ho"), HI), PINNED, _is_hi_pinned, _is_hi_pinned),
    "unpin": Case(Deed.UNPIN, (HI, PINNED), ("Max", "/unpin"), _is_nothing_pinned, _is_nothing_pinned),
}
REPEATABLE = {Deed.CLEAR, Deed.TIMEOUT}
"""Who hears no answer and orders these again does them again."""
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@cases
async def test_an_interrupted_action_is_in_the_log_and_is_done_when_it_is_ordered_again(
    new_scene: NewScene, case: Case
) -> None:
    async def is_logged(scene: Scene) -> None:
        assert await scene.entries(*case.wanted) or not await case.shows(scene)

    async def is_done(scene: Scene) -> None:
        assert await case.is_whole(scene)
        states = [entry.state for entry in await scene.entries(*case.wanted)]
        assert states == [EntryState.DONE] or (case.deed in REPEATABLE and set(states) == {EntryState.DONE})

    await for_each_fault(
        case.prepared(new_scene),
        act=lambda scene: scene.play(*case.order),
        check=is_done,
        meanwhile=is_logged,
        restart=Scene.restart,
    )


@cases
async def test_an_action_is_undone_however_often_it_and_undoing_it_were_interrupted(
    new_scene: NewScene, case: Case
) -> None:
    async def prepare(faults: Faults) -> Scene:
        scene = await case.prepared(new_scene)(faults)
        await scene.play(*case.order)
        return scene

    async def undo(scene: Scene) -> None:
        [entry] = await scene.entries(*case.wanted)
        await scene.room.undo("Sid", entry)

    async def is_said_to_be_undone(scene: Scene) -> None:
        [entry] = await scene.entries(*case.wanted)
        assert await case.shows(scene) or entry.state in {EntryState.UNDOING, EntryState.UNDONE}
        assert entry.state is not EntryState.UNDONE or not await case.shows(scene)

    async def is_undone(scene: Scene) -> None:
        assert not await case.shows(scene)
        [entry] = await scene.entries(*case.wanted)
        assert (entry.state, entry.undone_by) == (EntryState.UNDONE, "Sid")

    await for_each_fault(prepare, undo, is_undone, meanwhile=is_said_to_be_undone, restart=Scene.restart)


@cases
async def test_what_was_interrupted_can_be_undone_instead(new_scene: NewScene, case: Case) -> None:
    async def undo(scene: Scene) -> None:
        scene.room.now += timedelta(minutes=1)
        for entry in await scene.entries(*case.wanted):
            await scene.room.undo("Sid", entry)

    async def is_undone_or_done(scene: Scene) -> None:
        entries = await scene.entries(*case.wanted)
        assert await case.shows(scene) == any(entry.state is EntryState.DONE for entry in entries)

    await for_each_fault(
        case.prepared(new_scene),
        act=lambda scene: scene.play(*case.order),
        check=is_undone_or_done,
        restart=Scene.restart,
        again=undo,
    )


async def test_a_moderator_who_resigns_and_is_interrupted_is_one_no_more(new_scene: NewScene) -> None:
    async def resign(scene: Scene) -> None:
        await scene.room.moderation.remove_moderator(scene.room.channel_id, "u-max", "max")

    async def has_resigned(scene: Scene) -> None:
        assert not await scene.moderates("Max")
        assert [entry.state for entry in await scene.entries(Deed.REMOVE_MODERATOR)] == [EntryState.DONE]

    await for_each_fault(new_scene, resign, has_resigned, restart=Scene.restart)


@pytest.mark.parametrize("deed", [Deed.APPROVE, Deed.REJECT])
async def test_a_decision_about_a_held_message_is_carried_out_once_however_often_it_was_interrupted(
    new_scene: NewScene, deed: Deed
) -> None:
    prepare = _holding(new_scene)

    async def decide(scene: Scene) -> None:
        review, held_id = scene.room.review, scene.ids["held"]
        await (review.approve if deed is Deed.APPROVE else review.reject)(scene.room.channel_id, "u-max", held_id)

    async def is_logged(scene: Scene) -> None:
        assert await scene.held() or await scene.entries(deed)
        assert not await scene.reads("bad") or await scene.entries(deed)

    async def is_decided(scene: Scene) -> None:
        assert (await scene.room.texts()).count("bad") == (1 if deed is Deed.APPROVE else 0)
        assert await scene.held() == []
        assert [entry.state for entry in await scene.entries(deed)] == [EntryState.DONE]

    await for_each_fault(prepare, decide, is_decided, meanwhile=is_logged, restart=Scene.restart)


async def test_who_rejects_what_they_had_begun_to_let_through_keeps_it_out(new_scene: NewScene) -> None:
    async def approve(scene: Scene) -> None:
        await scene.room.review.approve(scene.room.channel_id, "u-max", scene.ids["held"])

    async def reject(scene: Scene) -> None:
        if await scene.held():
            await scene.room.review.reject(scene.room.channel_id, "u-max", scene.ids["held"])
        else:
            await approve(scene)

    async def is_decided(scene: Scene) -> None:
        assert await scene.held() == []
        approved = any(entry.state is EntryState.DONE for entry in await scene.entries(Deed.APPROVE))
        assert await scene.reads("bad") == approved
        assert approved != any(entry.state is EntryState.DONE for entry in await scene.entries(Deed.REJECT))

    await for_each_fault(_holding(new_scene), approve, is_decided, restart=Scene.restart, again=reject)


def _holding(new_scene: NewScene) -> NewScene:
    async def prepare(faults: Faults) -> Scene:
        scene = await new_scene(faults)
        rules = Rules(blocked_terms=("bad",), filtered=Filtered.HELD)
        assert await scene.room.store.rooms.set_rules(scene.room.channel_id, rules, 0)
        await scene.play("Ann", "bad")
        [held] = await scene.room.store.held_messages.waiting(scene.room.channel_id, 9)
        scene.ids["held"] = held.message_id
        return scene

    return prepare
