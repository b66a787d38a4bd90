"""Ports of the export and deletion of accounts. Both stores implement the first two."""

from datetime import UTC, datetime
from typing import Protocol

from streaming_app.backend.account_data.model import ErasedId, Owner
from streaming_app.backend.account_data.owned_data import OwnedData
from streaming_app.backend.accounts.avatars import Avatars
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.passkeys import Passkeys
from streaming_app.backend.accounts.ports import ApiTokens, Sessions, Users
from streaming_app.backend.accounts.providers.ports import Identities
from streaming_app.backend.chat.ports import (
    ChatArchive,
    ChatSettingsRepository,
    Emotes,
    Follows,
    HeldMessages,
    ModerationLog,
)
from streaming_app.backend.media.recordings.ports import Recordings
from streaming_app.backend.reports.model import Reports
from streaming_app.backend.streams.ports import Channels, Streams
from streaming_app.backend.streams.stream_blocks import StreamBlocks
from streaming_app.backend.streams.streamer_requests import StreamerRequests

BEGUN = datetime(1970, 1, 1, tzinfo=UTC)
"""``User.deletes_at`` of an account whose deletion has begun."""


class AccountDeletions(Protocol):
    """The accounts that will be deleted, and the hashes of those that were."""

    async def schedule(self, user_id: str, at: datetime) -> None:
        """Set when an account will be deleted, and end all its sessions, in one step. Raises ``NotFoundError``."""
        ...

    async def cancel(self, user_id: str, now: datetime) -> bool:
        """Cancel a deletion. Returns ``False`` if none is scheduled or its time has come."""
        ...

    async def begin(self, user_id: str, now: datetime) -> bool:
        """Begin a deletion, which cannot be canceled afterwards. Returns ``False`` if its time has not come.

        The time in ``User.deletes_at`` becomes ``BEGUN``.
        """
        ...

    async def leaving(self) -> list[User]:
        """Return the accounts that will be deleted, the next one first."""
        ...

    async def set_channel_hidden(self, owner_id: str, *, hidden: bool) -> str:
        """Hide a user's channel from all other repositories, or show it. Returns its id; empty if there is none."""
        ...

    async def hidden_owners(self) -> list[str]:
        """Return the ids of the owners of hidden channels."""
        ...

    async def add_erased(self, erased: ErasedId) -> None:
        """Store the hashes of a deleted user or channel.

        From now on, the chat archive stores no messages of this user or in this channel, and no text that is quoted
        from the user, and ``Users`` refuses the username.
        """
        ...

    async def release_names(self, before: datetime) -> None:
        """Remove the hashes of the usernames of accounts that were deleted before an instant."""
        ...


class AccountRecords(Protocol):
    """The records of one account in all tables. All methods are idempotent."""

    async def erase_records(self, data: OwnedData, owner: Owner) -> None:
        """Delete the records of the user, and those of the user's channel."""
        ...

    async def erase_mentions(self, owner: Owner) -> None:
        """Remove the user from records of other people.

        Deletes pinned messages of the user and log entries with the user's id. In pinned and held messages, removes the
        text that is quoted from the user. Replaces the username of a moderator, and the user in the audit log, by
        ``ERASED_USERNAME``.
        """
        ...

    async def has_recordings(self, channel_id: str) -> bool:
        """Return whether the channel has recordings, or removed ones whose files have not been deleted yet."""
        ...

    async def remove_account(self, owner: Owner) -> None:
        """Delete the channel, and then the user."""
        ...


class AccountFiles(Protocol):
    """Files of live streams. The recorder manages the files of recordings."""

    async def remove(self, channel_id: str) -> None:
        """Delete the video and the pictures of a channel's live streams."""
        ...


class OwnedDataStore(Protocol):
    """The repositories with data of accounts."""

    @property
    def users(self) -> Users:
        """All accounts."""
        ...

    @property
    def account_deletions(self) -> AccountDeletions:
        """Which accounts are deleted, and when."""
        ...

    @property
    def account_records(self) -> AccountRecords:
        """The records of one account in all tables."""
        ...

    @property
    def chat_archive(self) -> ChatArchive:
        """All chat messages."""
        ...

    @property
    def recordings(self) -> Recordings:
        """All recordings."""
        ...


class ExportableStore(OwnedDataStore, Protocol):
    """The repositories whose data is exported."""

    @property
    def sessions(self) -> Sessions:
        """All sessions."""
        ...

    @property
    def api_tokens(self) -> ApiTokens:
        """All API tokens."""
        ...

    @property
    def avatars(self) -> Avatars:
        """All pictures of users."""
        ...

    @property
    def passkeys(self) -> Passkeys:
        """All passkeys."""
        ...

    @property
    def channels(self) -> Channels:
        """All channels."""
        ...

    @property
    def streams(self) -> Streams:
        """All streams."""
        ...

    @property
    def stream_blocks(self) -> StreamBlocks:
        """All blocks of channels."""
        ...

    @property
    def streamer_requests(self) -> StreamerRequests:
        """All requests to stream."""
        ...

    @property
    def chat_settings(self) -> ChatSettingsRepository:
        """Rules, moderators, bans and pinned messages."""
        ...

    @property
    def follows(self) -> Follows:
        """All follows."""
        ...

    @property
    def moderation_log(self) -> ModerationLog:
        """All moderation logs."""
        ...

    @property
    def held_messages(self) -> HeldMessages:
        """All messages that are held for review."""
        ...

    @property
    def emotes(self) -> Emotes:
        """All emotes."""
        ...

    @property
    def reports(self) -> Reports:
        """All reports."""
        ...

    @property
    def identities(self) -> Identities:
        """All linked accounts."""
        ...
