"""Deletes the accounts whose time has come, with everything that belongs to them."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from streaming_app.backend.account_data.deletion import AccountDeletionService
from streaming_app.backend.account_data.model import ErasedId, Owner, id_key, name_key
from streaming_app.backend.account_data.owned_data import OWNED_DATA, Erasure
from streaming_app.backend.account_data.ports import BEGUN, AccountFiles, OwnedDataStore
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, Party
from streaming_app.backend.accounts.model import User
from streaming_app.backend.bus import Bus
from streaming_app.backend.chat.model import ERASED_USERNAME
from streaming_app.backend.clock_changes import ClockWatch
from streaming_app.backend.events import AccountDeleted

log = logging.getLogger(__name__)

SETTLE = timedelta(seconds=30)
"""How long an account must have been hidden before it is deleted. So no process still handles its last requests."""
CLOCK_STEADY = timedelta(hours=1)
"""How long the wall clock must not have been set before an account is deleted because its time has come."""
NAME_RESERVED_FOR = timedelta(days=90)
"""How long nobody can take the username of a deleted account, so that nobody poses as its former owner."""
RECORDINGS_CHUNK = 200
SITE = Party("site")
"""Deletes accounts on behalf of their owners, in the audit log."""


class AccountEraser:
    """Deletes accounts. Each step is idempotent, so the next run continues after a death at any point.

    The user's record is deleted last. Until then, the account stays in the list of leaving accounts.
    """

    def __init__(
        self,
        service: AccountDeletionService,
        store: OwnedDataStore,
        files: AccountFiles,
        mails: AccountMails,
        audit_log: AuditLog,
        bus: Bus,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        """``clock`` is monotonic, in seconds."""
        self._service = service
        self._deletions = store.account_deletions
        self._records = store.account_records
        self._archive = store.chat_archive
        self._recordings = store.recordings
        self._files = files
        self._mails = mails
        self._audit_log = audit_log
        self._bus = bus
        self._now = now
        self._clock = clock
        self._clock_watch = ClockWatch(now, clock)
        self._hidden_since: dict[str, float] = {}
        """When this process hid each leaving account, on the monotonic clock."""

    async def run_once(self) -> None:
        """Hide accounts that are leaving, show those that are kept, and delete those whose time has come."""
        is_steady = self._clock_watch.is_steady_for(min(CLOCK_STEADY, self._service.delay))
        leaving = await self._deletions.leaving()
        for user in leaving:
            await self._service.match_channel(user.user_id)
            self._hidden_since.setdefault(user.user_id, self._clock())
        for owner_id in set(await self._deletions.hidden_owners()) - {user.user_id for user in leaving}:
            await self._service.match_channel(owner_id)
        self._hidden_since = {user.user_id: self._hidden_since[user.user_id] for user in leaving}
        for user in leaving:
            if self._is_settled(user) and (is_steady or user.deletes_at == BEGUN):
                await self._erase(user)
        if is_steady:
            await self._deletions.release_names(self._now() - NAME_RESERVED_FOR)

    def _is_settled(self, user: User) -> bool:
        settle = min(SETTLE, self._service.delay)
        return self._clock() - self._hidden_since[user.user_id] >= settle.total_seconds()

    async def _erase(self, user: User) -> None:
        """Delete an account if its time has come. It remains until the recorder has deleted its recordings."""
        if not await self._deletions.begin(user.user_id, self._now()):
            return
        owner = Owner(user.user_id, user.username, await self._service.match_channel(user.user_id))
        await self._deletions.add_erased(ErasedId(id_key(user.user_id), name_key(user.username), self._now()))
        await self._archive.erase_author(user.user_id, user.username)
        if owner.channel_id:
            await self._deletions.add_erased(ErasedId(id_key(owner.channel_id), "", self._now()))
            await self._archive.erase_channel(owner.channel_id)
            await self._remove_recordings(owner.channel_id)
            await self._files.remove(owner.channel_id)
        for data in OWNED_DATA:
            if data.erasure is Erasure.RECORDS:
                await self._records.erase_records(data, owner)
        await self._records.erase_mentions(owner)
        if await self._records.has_recordings(owner.channel_id):
            return
        await self._bus.publish(
            AccountDeleted(
                event_id=id_key(user.user_id),
                at=self._now(),
                user_id=user.user_id,
                username=user.username,
                channel_id=owner.channel_id,
            )
        )
        await self._mails.send_deleted_notice(user)
        await self._audit_log.record(AuditAction.ACCOUNT_DELETED, SITE, Party(ERASED_USERNAME))
        await self._records.remove_account(owner)
        log.info("The account %s was deleted", user.user_id)

    async def _remove_recordings(self, channel_id: str) -> None:
        while found := await self._recordings.of_channel(channel_id, RECORDINGS_CHUNK):
            for recording in found:
                await self._recordings.remove(recording.recording_id)
