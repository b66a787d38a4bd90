"""Interfaces that chat needs from adapters. Both stores implement all of them except ``Pictures``."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from streaming_app.backend.chat.model import (
    Ban,
    ChatMessage,
    ChatRules,
    Chatter,
    Emote,
    Follow,
    Following,
    HeldMessage,
    MembershipStatus,
    ModerationAction,
    ModerationLogEntry,
    Picture,
)

CLEAR_CHUNK = 5_000
"""Number of messages that are deleted in one write."""


class ChatArchive(Protocol):
    """All chat messages. Deleted messages are kept but hidden until they are restored.

    All writes are idempotent, even if other writes came in between, because the bus may deliver an event twice.
    """

    async def add(self, messages: Sequence[ChatMessage]) -> None:
        """Store messages. A message whose ``message_id`` exists is left unchanged, deleted or not.

        Messages of deleted accounts, and in their channels, are left out: the bus may deliver them again after the
        deletion.
        """
        ...

    async def newest_position(self) -> int:
        """Return the highest position in all channels, or 0 if there are no messages."""
        ...

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        """Return the newest ``limit`` messages, oldest first."""
        ...

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        """Return the first ``limit`` messages after ``position``, oldest first."""
        ...

    async def before(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        """Return the last ``limit`` messages before ``position``, oldest first."""
        ...

    async def get(self, channel_id: str, message_id: str) -> ChatMessage:
        """Return a message. Raises ``NotFoundError`` if it does not exist or is deleted."""
        ...

    async def deleted_ids(self, channel_id: str, limit: int) -> list[str]:
        """Return the ids of the deleted ones among the newest ``limit`` messages."""
        ...

    async def is_deleted(self, channel_id: str, message_id: str) -> bool:
        """Return whether the message is stored and deleted."""
        ...

    async def delete(self, channel_id: str, entry_id: str, message_ids: Sequence[str]) -> None:
        """Hide messages on behalf of the log entry ``entry_id``. Several entries may delete the same message."""
        ...

    async def delete_all_by_user(self, channel_id: str, entry_id: str, user_id: str, until: int) -> None:
        """Delete all messages of a user up to position ``until``, as ``delete`` does.

        Deletes ``CLEAR_CHUNK`` messages at a time, so that other writes are not blocked by a long history.
        """
        ...

    async def deleted_by_entry(self, channel_id: str, entry_id: str, limit: int) -> list[ChatMessage]:
        """Return the newest ``limit`` messages that only this entry deleted, oldest first."""
        ...

    async def restore(self, channel_id: str, entry_id: str) -> None:
        """Undo the deletions of this entry. Messages that another entry deleted too stay hidden."""
        ...

    async def by_author(self, user_id: str, position: int, limit: int) -> list[ChatMessage]:
        """Return the first ``limit`` messages of a user in all channels after ``position``, also deleted ones."""
        ...

    async def erase_author(self, user_id: str, username: str) -> None:
        """Remove all messages of a deleted account from the store, and their text from the replies that quote them.

        Removes ``CLEAR_CHUNK`` messages at a time.
        """
        ...

    async def erase_channel(self, channel_id: str) -> None:
        """Remove all messages in the channel of a deleted account from the store, as ``erase_author`` does."""
        ...


class ChatSettingsRepository(Protocol):
    """Rules, moderators, bans, the pinned message and slow mode's turns of each channel."""

    async def membership_status(self, channel_id: str, user_id: str) -> MembershipStatus:
        """Return what the rights of a user depend on, in as few queries as possible."""
        ...

    async def rules_and_pinned(self, channel_id: str) -> tuple[ChatRules, ChatMessage | None]:
        """Return the rules, ``ChatRules()`` if they were never set, and the pinned message, if any.

        Raises ``NotFoundError`` if the channel does not exist.
        """
        ...

    async def set_rules(self, channel_id: str, rules: ChatRules, expected_version: int) -> bool:
        """Replace the rules. Returns ``False`` if their version is not ``expected_version``."""
        ...

    async def pinned(self, channel_id: str) -> ChatMessage | None:
        """Return the pinned message, if any."""
        ...

    async def set_pinned(self, channel_id: str, message: ChatMessage | None, expected_id: str) -> bool:
        """Pin a message, or unpin with ``None``.

        Returns ``False`` if the pinned message is not ``expected_id`` (empty: no message is pinned).
        """
        ...

    async def moderators(self, channel_id: str) -> list[Chatter]:
        """Return the moderators, sorted by name."""
        ...

    async def add_moderator(self, channel_id: str, chatter: Chatter) -> bool:
        """Add a moderator. Returns ``False`` if the user already is one."""
        ...

    async def remove_moderator(self, channel_id: str, user_id: str) -> bool:
        """Remove a moderator. Returns ``False`` if the user is not one."""
        ...

    async def bans(self, channel_id: str, now: datetime, limit: int) -> list[Ban]:
        """Return the active bans, newest first."""
        ...

    async def set_ban(self, ban: Ban) -> None:
        """Store a ban, in place of an earlier one of the same user."""
        ...

    async def lift_ban(self, channel_id: str, user_id: str, since: datetime) -> bool:
        """Remove the user's ban that started at ``since``. Returns ``False`` if there is no such ban."""
        ...

    async def take_slow_mode_turn(
        self, channel_id: str, user_id: str, message_id: str, now: datetime, interval: timedelta
    ) -> timedelta:
        """Take the user's turn in slow mode. Returns zero, or the time until the next turn if it is too early.

        A turn is available when ``interval`` has passed since the last one. The message that took the last turn may
        take it again. Exact across processes: of two concurrent calls one gets the turn. A last turn more than
        ``CLOCKS_AGREE`` in the future is ignored: it was taken before the clock was set back.
        """
        ...

    async def release_slow_mode_turn(self, channel_id: str, user_id: str, message_id: str) -> None:
        """Give the turn back if this message took it, because the message was not accepted."""
        ...


class Follows(Protocol):
    """The followers of each channel."""

    async def follow(self, channel_id: str, user_id: str, at: datetime) -> bool:
        """Add a follower. Returns ``False``, and keeps the earlier time, if the user already follows."""
        ...

    async def unfollow(self, channel_id: str, user_id: str) -> bool:
        """Remove a follower. Returns ``False`` if the user does not follow."""
        ...

    async def following(self, channel_id: str, user_id: str) -> Following:
        """Return how many users follow the channel, and whether this one does; an empty ``user_id`` is nobody."""
        ...

    async def list_by_user(self, user_id: str, limit: int, before: tuple[datetime, str] | None = None) -> list[Follow]:
        """Return the ``limit`` latest follows of a user, newest first.

        With ``before``, the time and the channel id of a follow, only those that come after it in this order.
        """
        ...


class ModerationLog(Protocol):
    """The moderation logs of all channels. An entry is added as ``PENDING`` before its action is carried out."""

    async def add(self, entry: ModerationLogEntry) -> None:
        """Store an entry."""
        ...

    async def get(self, channel_id: str, entry_id: str) -> ModerationLogEntry:
        """Return an entry. Raises ``NotFoundError``."""
        ...

    async def newest(self, channel_id: str, limit: int) -> list[ModerationLogEntry]:
        """Return the newest ``limit`` entries, newest first."""
        ...

    async def pending(self, channel_id: str) -> list[ModerationLogEntry]:
        """Return the ``PENDING`` entries, newest first."""
        ...

    async def set_done(self, channel_id: str, entry_id: str, at: datetime) -> bool:
        """Change a ``PENDING`` entry to ``DONE`` at time ``at``. Returns ``False`` if it is not pending."""
        ...

    async def withdraw(self, channel_id: str, entry_id: str) -> None:
        """Remove a ``PENDING`` entry whose action was not carried out."""
        ...

    async def set_undoing(self, channel_id: str, entry_id: str) -> bool:
        """Change an entry to ``UNDOING``. Returns ``False`` if it is already ``UNDONE``."""
        ...

    async def set_undone(self, channel_id: str, entry_id: str, at: datetime, by: str) -> bool:
        """Change an entry to ``UNDONE``. Returns ``False`` if it already is, so only one caller gets ``True``."""
        ...


class HeldMessages(Protocol):
    """The messages that are held for review."""

    async def add(self, message: HeldMessage) -> None:
        """Store a message. A message whose ``message_id`` exists is left unchanged."""
        ...

    async def get(self, channel_id: str, message_id: str) -> HeldMessage:
        """Return a message. Raises ``NotFoundError``."""
        ...

    async def waiting(self, channel_id: str, limit: int) -> list[HeldMessage]:
        """Return the first ``limit`` messages, oldest first."""
        ...

    async def by_author(self, user_id: str, limit: int) -> list[HeldMessage]:
        """Return the first ``limit`` messages of a user in all channels, oldest first."""
        ...

    async def claim(
        self, channel_id: str, message_id: str, by: str, decision: ModerationAction, at: datetime, lease: timedelta
    ) -> HeldMessage:
        """Reserve a message for the moderator ``by`` for the time ``lease``. Returns it as it was before.

        Raises ``ConflictError`` while another moderator's claim lasts, and ``NotFoundError``.
        """
        ...

    async def remove(self, channel_id: str, message_id: str) -> None:
        """Remove a message, if it exists."""
        ...


class Emotes(Protocol):
    """The emotes of all channels, with their pictures."""

    async def add(self, emote: Emote, picture: bytes) -> None:
        """Store an emote. Raises ``TakenError`` for ``name`` if the channel has that name, ignoring case."""
        ...

    async def of(self, channel_id: str) -> list[Emote]:
        """Return the emotes of a channel, sorted by name."""
        ...

    async def picture(self, channel_id: str, emote_id: str) -> tuple[str, bytes]:
        """Return the media type and the content of a picture. Raises ``NotFoundError``."""
        ...

    async def remove(self, channel_id: str, emote_id: str) -> bool:
        """Remove an emote. Returns ``False`` if it does not exist."""
        ...


class Pictures(Protocol):
    """Re-encodes uploaded pictures, so that no part of the uploaded file is served."""

    async def emote(self, upload: bytes) -> Picture:
        """Scale a picture to the size of an emote and keep its animation. Raises ``InvalidError`` for ``picture``."""
        ...
