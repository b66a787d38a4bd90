"""Keep order in a channel's chat. Each use case asks who acts, does it and writes it down."""

from collections.abc import Callable
from datetime import datetime, timedelta

from streaming_app.backend.chat import policy
from streaming_app.backend.chat.journal import Journal, new_entry_id
from streaming_app.backend.chat.model import Ban, ChatMessage, Chatter, Deed, Entry, Role, Rules, Standing
from streaming_app.backend.chat.people import Member, People
from streaming_app.backend.chat.ports import ChatArchive, ChatRooms
from streaming_app.backend.chat.rules import changed_fields, changes
from streaming_app.backend.chat.spans import in_words
from streaming_app.backend.chat.upkeep import Upkeep
from streaming_app.backend.errors import ConflictError, NotFoundError

_PLAIN = Standing(Rules(), is_moderator=False, ban=None, followed_at=None)


class ModerationService:
    """What moderators do. All of it raises ``ForbiddenError`` for who may not, and ``NotFoundError``.

    What takes messages away raises ``BusUnavailableError`` when it cannot be said now.
    """

    def __init__(
        self,
        people: People,
        archive: ChatArchive,
        rooms: ChatRooms,
        upkeep: Upkeep,
        journal: Journal,
        now: Callable[[], datetime],
    ) -> None:
        self._people = people
        self._archive = archive
        self._rooms = rooms
        self._upkeep = upkeep
        self._journal = journal
        self._now = now

    async def member(self, channel_id: str, user_id: str) -> Member:
        """A user in a channel's chat: their role, and the ban that they are under."""
        return await self._people.member(channel_id, user_id)

    async def delete(self, channel_id: str, user_id: str, message_id: str, reason: str = "") -> Entry:
        """Take one message away."""
        why = policy.clean_reason(reason)
        actor = await self._actor(channel_id, user_id)
        message = await self._message(channel_id, message_id)
        if message.user_id != user_id:
            policy.may_moderate(actor.role, await self._role_of_writer(message))
        entry_id = new_entry_id()
        await self._upkeep.delete(channel_id, entry_id, [message_id])
        return await self._journal.note(
            *(actor, Deed.DELETE, _writer(message)),
            detail=message.text,
            reason=why,
            message_ids=[message_id],
            entry_id=entry_id,
        )

    async def clear(self, channel_id: str, user_id: str, name: str, reason: str = "") -> Entry:
        """Take everything away that a chatter has said until now."""
        why = policy.clean_reason(reason)
        actor, target = await self._both(channel_id, user_id, name)
        entry_id = new_entry_id()
        await self._upkeep.delete_all_of(channel_id, entry_id, target.chatter)
        return await self._journal.note(actor, Deed.CLEAR, target.chatter, reason=why, entry_id=entry_id)

    async def timeout(self, channel_id: str, user_id: str, name: str, length: timedelta, reason: str = "") -> Entry:
        """Let a chatter write nothing for so long, counted from now."""
        why, lasts = policy.clean_reason(reason), policy.clean_timeout(length)
        actor, target = await self._both(channel_id, user_id, name)
        if (ban := target.ban(self._now())) and ban.until is None:
            raise ConflictError(f"{target.user.username} is banned for good already.")
        until = self._now() + lasts
        ban = await self._upkeep.ban(channel_id, target.chatter, until, why, actor.user.username)
        return await self._journal.note(
            actor, Deed.TIMEOUT, target.chatter, detail=in_words(lasts), reason=why, before={"since": made(ban)}
        )

    async def ban(self, channel_id: str, user_id: str, name: str, reason: str = "") -> Entry:
        """Let a chatter write nothing any more; a moderator is none afterwards."""
        why = policy.clean_reason(reason)
        actor, target = await self._both(channel_id, user_id, name)
        if (ban := target.ban(self._now())) and ban.until is None:
            raise ConflictError(f"{target.user.username} is banned already.")
        ban = await self._upkeep.ban(channel_id, target.chatter, None, why, actor.user.username)
        was_moderator = await self._upkeep.dismiss(channel_id, target.chatter)
        before = {"since": made(ban), "was_moderator": was_moderator}
        return await self._journal.note(actor, Deed.BAN, target.chatter, reason=why, before=before)

    async def unban(self, channel_id: str, user_id: str, name: str) -> Entry:
        """Let a chatter write again, before their time."""
        actor, target = await self._both(channel_id, user_id, name)
        if (ban := target.ban(self._now())) is None:
            raise ConflictError(f"{target.user.username} is not banned here.")
        await self._upkeep.unban(channel_id, target.chatter)
        before = {"until": ban.until and ban.until.isoformat(), "reason": ban.reason}
        return await self._journal.note(actor, Deed.UNBAN, target.chatter, before=before)

    async def add_moderator(self, channel_id: str, user_id: str, name: str) -> Entry:
        """Let someone keep order too."""
        actor = await self._actor(channel_id, user_id)
        policy.may_appoint(actor.role)
        target = await self._people.named(channel_id, name)
        if target.role.is_in_charge:
            raise ConflictError(f"{target.user.username} may do everything here already.")
        if target.ban(self._now()):
            raise ConflictError(f"{target.user.username} is banned here. Lift the ban first.")
        if not await self._upkeep.appoint(channel_id, target.chatter):
            raise ConflictError(f"{target.user.username} is a moderator already.")
        return await self._journal.note(actor, Deed.ADD_MODERATOR, target.chatter)

    async def remove_moderator(self, channel_id: str, user_id: str, name: str) -> Entry:
        """Make a moderator a viewer again; they may do that themselves."""
        actor = await self._actor(channel_id, user_id)
        target = await self._people.named(channel_id, name)
        if target.user.user_id != user_id:
            policy.may_appoint(actor.role)
        role = policy.role_of(target.user, target.channel, _PLAIN)
        if not await self._upkeep.dismiss(channel_id, target.chatter, role):
            raise ConflictError(f"{target.user.username} is no moderator of this channel.")
        return await self._journal.note(actor, Deed.REMOVE_MODERATOR, target.chatter)

    async def set_rules(self, channel_id: str, user_id: str, rules: Rules) -> Entry:
        """Keep the chat by these rules from now on."""
        actor = await self._actor(channel_id, user_id)
        before = actor.standing.rules
        if before == rules:
            raise ConflictError("That is how it is already.")
        await self._upkeep.set_rules(channel_id, rules)
        return await self._journal.note(
            actor, Deed.SET_RULES, detail=changes(before, rules), before=changed_fields(before, rules)
        )

    async def rules(self, channel_id: str, user_id: str) -> Rules:
        """By which the chat is kept."""
        return (await self._actor(channel_id, user_id)).standing.rules

    async def pin(self, channel_id: str, user_id: str, message_id: str) -> Entry:
        """Show a message above the chat, in the place of the one that is there."""
        actor = await self._actor(channel_id, user_id)
        message = await self._message(channel_id, message_id)
        pinned = await self._rooms.pinned(channel_id)
        await self._upkeep.set_pinned(channel_id, message)
        return await self._journal.note(
            *(actor, Deed.PIN, _writer(message)),
            detail=message.text,
            message_ids=[message_id],
            before=pinned and pinned.message_id,
        )

    async def unpin(self, channel_id: str, user_id: str) -> Entry:
        """Show no message above the chat."""
        actor = await self._actor(channel_id, user_id)
        if (pinned := await self._rooms.pinned(channel_id)) is None:
            raise ConflictError("There is no pinned message.")
        await self._upkeep.set_pinned(channel_id, None)
        return await self._journal.note(
            actor, Deed.UNPIN, _writer(pinned), detail=pinned.text, before=pinned.message_id
        )

    async def _actor(self, channel_id: str, user_id: str) -> Member:
        return await self._people.moderator(channel_id, user_id, self._now())

    async def _both(self, channel_id: str, user_id: str, name: str) -> tuple[Member, Member]:
        """Who acts and who is acted upon, if the one may the other."""
        actor = await self._actor(channel_id, user_id)
        target = await self._people.named(channel_id, name)
        if target.user.user_id == user_id:
            raise ConflictError("That is you.")
        policy.may_moderate(actor.role, target.role)
        return actor, target

    async def _message(self, channel_id: str, message_id: str) -> ChatMessage:
        try:
            return await self._archive.get(channel_id, message_id)
        except NotFoundError:
            raise NotFoundError("That message is gone already. If it has just been said, try again.") from None

    async def _role_of_writer(self, message: ChatMessage) -> Role:
        try:
            return (await self._people.member(message.channel_id, message.user_id)).role
        except NotFoundError:
            return Role.VIEWER


def made(ban: Ban) -> str:
    """What tells this ban from a later one of the same chatter."""
    return ban.since.isoformat()


def _writer(message: ChatMessage) -> Chatter:
    return Chatter(message.user_id, message.username)
