"""Exports everything that belongs to an account as one ZIP, which is made while it is downloaded."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from datetime import datetime

from streaming_app.backend.account_data.archive import zip_chunks
from streaming_app.backend.account_data.exported_files import ExportedFiles
from streaming_app.backend.account_data.ports import ExportableStore
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.session_service import SessionService
from streaming_app.backend.errors import ConflictError, NotFoundError
from streaming_app.backend.media.recordings.storage import RecordingStorage
from streaming_app.backend.rate_limit import RateLimit

RUNNING_MAX = 20
"""Exports of all accounts that one process makes at the same time. Each has a thread, and may last for hours."""


class AccountExport:
    """Streams exports: one at a time for each account in this process."""

    def __init__(
        self,
        store: ExportableStore,
        storage: RecordingStorage,
        sessions: SessionService,
        audit_log: AuditLog,
        limit: RateLimit,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._storage = storage
        self._sessions = sessions
        self._audit_log = audit_log
        self._limit = limit
        self._now = now
        self._running: set[str] = set()

    async def start(self, token: str, site_url: str, address: str) -> AsyncIterator[bytes]:
        """Return the chunks of the ZIP of the account of the session ``token``, for a client at ``address``.

        Raises ``NotSignedInError``, ``ReauthenticationNeededError``, ``ConflictError`` during another export of the
        account or ``RUNNING_MAX`` exports of others, or ``RateLimitedError``.
        """
        user = await self._sessions.require_recent(token)
        if user.user_id in self._running:
            raise ConflictError("Another download of your data is running. Wait until it is complete.")
        if len(self._running) >= RUNNING_MAX:
            raise ConflictError("Many people are downloading their data now. Try again later.")
        await self._limit.spend(user.user_id)
        await self._audit_log.record(AuditAction.DATA_EXPORTED, by_user(user, address))
        return self._chunks(user, site_url)

    async def video_bytes(self, user_id: str) -> int:
        """Return the bytes of the user's recordings, which are most of an export."""
        try:
            channel = await self._store.channels.get_by_owner(user_id)
        except NotFoundError:
            return 0
        return await self._store.recordings.usage(channel.channel_id)

    async def _chunks(self, user: User, site_url: str) -> AsyncGenerator[bytes]:
        self._running.add(user.user_id)
        try:
            files = ExportedFiles(self._store, self._storage, site_url, user, self._now)
            async with aclosing(zip_chunks(files.members(), self._now())) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            self._running.discard(user.user_id)
