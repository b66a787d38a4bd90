"""What chat needs from technology. Two stores implement all but the last, held by the same contract tests."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from streaming_app.backend.chat.model import (
    Ban,
    ChatMessage,
    ChatRules,
    Chatter,
    Emote,
    HeldMessage,
    MembershipStatus,
    ModerationAction,
    ModerationLogEntry,
    Picture,
)

CLEAR_CHUNK = 5_000
"""Messages that are deleted in one step."""


class ChatArchive(Protocol):
    """Everything that was said, for ever. What a moderator deleted is kept too, and shown to nobody until restored.

    To do again what was done changes nothing, also when things were done since: the bus may deliver twice.
    """

    async def add(self, messages: Sequence[ChatMessage]) -> None:
        """Keep the messages; one that is kept already (same ``message_id``) stays as it is, deleted or not."""
        ...

    async def newest_position(self) -> int:
        """The highest position of any message of any channel; 0 when there is none."""
        ...

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        """The newest ``limit`` messages, oldest first."""
        ...

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        """The first ``limit`` messages behind ``position``, oldest first."""
        ...

    async def get(self, channel_id: str, message_id: str) -> ChatMessage:
        """One that is not deleted; raises ``NotFoundError``."""
        ...

    async def recent_of(self, channel_id: str, user_id: str, limit: int) -> list[ChatMessage]:
        """The newest ``limit`` messages of one chatter, oldest first."""
        ...

    async def deleted_ids(self, channel_id: str, until: int, limit: int) -> list[str]:
        """The ids of those that are deleted among the newest ``limit`` messages up to the position ``until``."""
        ...

    async def is_deleted(self, channel_id: str, message_id: str) -> bool:
        """Whether the message is kept and deleted."""
        ...

    async def delete(self, channel_id: str, entry_id: str, message_ids: Sequence[str]) -> None:
        """Show these to nobody, by the log's ``entry_id``; a message may be deleted by several entries."""
        ...

    async def delete_all_by_user(self, channel_id: str, entry_id: str, user_id: str, until: int) -> None:
        """As ``delete``, for everything that a chatter said up to the position ``until``.

        A long history is deleted ``CLEAR_CHUNK`` messages at a time, so that other writes get their turn.
        """
        ...

    async def deleted_by_entry(self, channel_id: str, entry_id: str, limit: int) -> list[ChatMessage]:
        """The newest ``limit`` messages that this entry alone deleted, oldest first: what undoing it brings back."""
        ...

    async def restore(self, channel_id: str, entry_id: str) -> None:
        """Undo what this entry deleted: a message that no other entry deleted is shown again."""
        ...


class ChatSettingsRepository(Protocol):
    """What a channel keeps about its chat: rules, moderators, bans, the pinned message, turns."""

    async def membership_status(self, channel_id: str, user_id: str) -> MembershipStatus:
        """All that a post depends on, in as few steps as the store can. A channel that set nothing has ``Rules()``."""
        ...

    async def rules(self, channel_id: str) -> ChatRules:
        """Those of a channel that set none are ``Rules()``."""
        ...

    async def set_rules(self, channel_id: str, rules: ChatRules, expected_version: int) -> bool:
        """Replace those with this ``version``; ``False`` when others hold by now."""
        ...

    async def pinned(self, channel_id: str) -> ChatMessage | None:
        """The message above the chat."""
        ...

    async def set_pinned(self, channel_id: str, message: ChatMessage | None, expected_id: str) -> bool:
        """Put one there, or none, in the place of ``replaced_id`` (empty: none); ``False`` if it is not there."""
        ...

    async def moderators(self, channel_id: str) -> list[Chatter]:
        """By name."""
        ...

    async def add_moderator(self, channel_id: str, chatter: Chatter) -> bool:
        """``False`` when they are one already."""
        ...

    async def remove_moderator(self, channel_id: str, user_id: str) -> bool:
        """``False`` when they are none."""
        ...

    async def bans(self, channel_id: str, now: datetime, limit: int) -> list[Ban]:
        """Those that hold, newest first."""
        ...

    async def set_ban(self, ban: Ban) -> None:
        """Replaces the chatter's last one."""
        ...

    async def lift_ban(self, channel_id: str, user_id: str, since: datetime) -> bool:
        """Remove the chatter's ban that began at ``since``; ``False`` when they have none or another one."""
        ...

    async def take_slow_mode_turn(
        self, channel_id: str, user_id: str, message_id: str, now: datetime, interval: timedelta
    ) -> timedelta:
        """Zero: it is taken. Otherwise how long until ``rest`` has passed since the last turn; nothing changes then.

        The message that took the last turn has it: asking again for it changes nothing.
        Exact over all processes: two that ask at once get one turn. A last turn that lies more than
        ``CLOCKS_AGREE`` in the future was taken before the clock was set back, and does not count.
        """
        ...

    async def release_slow_mode_turn(self, channel_id: str, user_id: str, message_id: str) -> None:
        """The message was not taken: if the last turn was for it, it does not count."""
        ...


class Follows(Protocol):
    """Who follows which channel."""

    async def follow(self, channel_id: str, user_id: str, at: datetime) -> bool:
        """``False`` when they do already, and since when they do stays."""
        ...

    async def unfollow(self, channel_id: str, user_id: str) -> bool:
        """``False`` when they do not."""
        ...

    async def follows(self, channel_id: str, user_id: str) -> bool:
        """Whether they do."""
        ...

    async def count(self, channel_id: str) -> int:
        """How many do."""
        ...


class ModerationLog(Protocol):
    """Everything that moderators did, for ever. Each entry is added before the action, as ``PENDING``."""

    async def add(self, entry: ModerationLogEntry) -> None:
        """Keep it."""
        ...

    async def get(self, channel_id: str, entry_id: str) -> ModerationLogEntry:
        """Raises ``NotFoundError``."""
        ...

    async def newest(self, channel_id: str, limit: int) -> list[ModerationLogEntry]:
        """The newest ``limit`` entries, newest first."""
        ...

    async def pending(self, channel_id: str) -> list[ModerationLogEntry]:
        """The entries that are ``PENDING``, newest first."""
        ...

    async def set_done(self, channel_id: str, entry_id: str, at: datetime) -> bool:
        """Change a ``PENDING`` entry to ``DONE``, with the instant; ``False`` when it is not pending."""
        ...

    async def withdraw(self, channel_id: str, entry_id: str) -> None:
        """Remove a ``PENDING`` entry whose action did not happen."""
        ...

    async def set_undoing(self, channel_id: str, entry_id: str) -> bool:
        """Change the entry to ``UNDOING``, unless it is ``UNDONE``: then ``False``."""
        ...

    async def set_undone(self, channel_id: str, entry_id: str, at: datetime, by: str) -> bool:
        """Change the entry to ``UNDONE``; ``False`` when it is already: one of many who ask undoes it."""
        ...


class HeldMessages(Protocol):
    """Messages that wait for a moderator."""

    async def add(self, message: HeldMessage) -> None:
        """Keep it; one that is kept already (same ``message_id``) stays as it is."""
        ...

    async def get(self, channel_id: str, message_id: str) -> HeldMessage:
        """Raises ``NotFoundError``."""
        ...

    async def waiting(self, channel_id: str, limit: int) -> list[HeldMessage]:
        """Oldest first."""
        ...

    async def claim(
        self, channel_id: str, message_id: str, by: str, decision: ModerationAction, at: datetime, lease: timedelta
    ) -> HeldMessage:
        """Let the moderator ``by`` alone decide for the length of ``lease``; the message as it was before.

        Raises ``ConflictError`` while somebody else's claim lasts, and ``NotFoundError``.
        """
        ...

    async def remove(self, channel_id: str, message_id: str) -> None:
        """It does not wait any more; one that is gone already is fine."""
        ...


class Emotes(Protocol):
    """Every channel's emotes, with their pictures."""

    async def add(self, emote: Emote, picture: bytes) -> None:
        """Raises ``TakenError`` for ``name`` when the channel has one of this name, in any case."""
        ...

    async def of(self, channel_id: str) -> list[Emote]:
        """By name."""
        ...

    async def picture(self, channel_id: str, emote_id: str) -> tuple[str, bytes]:
        """Media type and content; raises ``NotFoundError``."""
        ...

    async def remove(self, channel_id: str, emote_id: str) -> Emote | None:
        """The one that was there; ``None`` when it is gone already."""
        ...


class Pictures(Protocol):
    """Makes pictures anew from files that people upload, so that nothing of the file itself reaches anyone."""

    async def emote(self, upload: bytes) -> Picture:
        """As large as an emote may be, moving if it moves; raises ``InvalidError`` for ``picture``."""
        ...
