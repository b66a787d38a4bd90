"""The audit log: who did what to whom, when and from where. Entries are added and expire, and are never changed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.time_ordered_ids import time_ordered_id
from streaming_app.backend.errors import RateLimitedError
from streaming_app.backend.rate_limit import RateLimit

LOGGER = "streaming_app.audit"
"""Parent of the loggers of the log lines. Each action has a logger of its own, so that limits count it separately."""


class AuditAction(StrEnum):
    """What was done. The values are stored, so they must not change."""

    REGISTERED = "registered"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_BLOCKED = "sign_in_blocked"
    """Sign-in was refused without a check, because of too many failures."""
    SESSION_ENDED = "session_ended"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an action
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an action
    RESET_LINK_CREATED = "reset_link_created"
    EMAIL_CHANGED = "email_changed"
    SIGN_IN_METHOD_ADDED = "sign_in_method_added"
    """A linked account, a passkey or an authenticator app; ``details`` says which."""
    SIGN_IN_METHOD_REMOVED = "sign_in_method_removed"
    RECOVERY_CODES_CREATED = "recovery_codes_created"
    API_TOKEN_CREATED = "api_token_created"  # noqa: S105 - the name of an action
    API_TOKEN_REVOKED = "api_token_revoked"  # noqa: S105 - the name of an action
    ROLE_CHANGED = "role_changed"
    SUSPENDED = "suspended"
    UNSUSPENDED = "unsuspended"
    STREAM_CUT_OFF = "stream_cut_off"
    STREAM_ALLOWED = "stream_allowed"
    RECORDING_REMOVED = "recording_removed"
    """By staff or an operator; owners remove their own without an entry."""
    REPORT_RESOLVED = "report_resolved"
    INVITATION_CREATED = "invitation_created"
    INVITATION_REVOKED = "invitation_revoked"
    STREAMER_APPROVED = "streamer_approved"
    STREAMER_REFUSED = "streamer_refused"
    DATA_EXPORTED = "data_exported"
    DELETION_REQUESTED = "deletion_requested"
    DELETION_CANCELLED = "deletion_cancelled"
    ACCOUNT_DELETED = "account_deleted"


@dataclass(frozen=True, slots=True)
class Party:
    """Who did something, or to whom or what something was done."""

    name: str
    """Shown to admins, such as a username."""
    party_id: str = ""
    """Id of the user or object; empty if it has none."""
    address: str = ""
    """The client's IP address (IPv6: its /64 network); empty if unknown."""


OPERATOR = Party("operator (command line)")
"""Somebody with a shell on the server."""
VISITOR = "visitor"
"""Name of somebody who is not signed in."""
UNKNOWN_ACCOUNT = Party("unknown account")
NOTHING = Party("")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the log."""

    entry_id: str
    """Orders the entries by time."""
    at: datetime
    expires_at: datetime
    action: str
    """A value of ``AuditAction``; of an older or newer version of the site, maybe another one."""
    actor: str
    actor_id: str
    target: str
    target_id: str
    address: str
    """The actor's IP address."""
    details: str
    """One line. Contains no secrets."""


class AuditEntries(Protocol):
    """The repository of audit entries. Entries cannot be changed. The store deletes expired entries."""

    async def add(self, entry: AuditEntry) -> None:
        """Add an entry."""
        ...

    async def newest(self, limit: int, *, before: str = "", name: str = "", action: str = "") -> list[AuditEntry]:
        """Return the newest entries, newest first.

        Each argument that is not empty restricts the result: to ids lower than ``before``, to entries whose actor or
        target is called ``name`` (ignoring case), and to one ``action``.
        """
        ...


def by_user(user: User, address: str = "") -> Party:
    """Return ``user`` as a party of an audit entry; ``address`` is the IP address of their client."""
    return Party(user.username, user.user_id, address)


class AuditLog:
    """Writes and reads the audit log.

    Services call ``record`` for whatever concerns the security of an account or needs a privilege, for example::

        await self._audit_log.record(AuditAction.PASSWORD_CHANGED, by_user(user, address))
        await self._audit_log.record(AuditAction.SUSPENDED, by_user(admin, address), by_user(target), "spam")

    What a user does to their own account is recorded after it succeeded. What staff do to others is recorded before, so
    that no act can be missing from the log if the process dies.
    """

    def __init__(
        self, entries: AuditEntries, now: Callable[[], datetime], retention: timedelta, failures: RateLimit
    ) -> None:
        """Create the log. ``failures`` limits the entries about failed sign-ins to one account."""
        self._entries = entries
        self._now = now
        self._retention = retention
        self._failures = failures

    async def record(self, action: AuditAction, actor: Party, target: Party = NOTHING, details: str = "") -> None:
        """Add an entry to the store and a line to the log of the process. ``details`` must not contain secrets.

        ``target`` is only needed if it is not the actor.
        """
        now = self._now()
        entry = AuditEntry(
            entry_id=time_ordered_id(now),
            at=now,
            expires_at=now + self._retention,
            action=action,
            actor=actor.name,
            actor_id=actor.party_id,
            target=target.name,
            target_id=target.party_id,
            address=actor.address,
            details=details,
        )
        await self._entries.add(entry)
        _log_line(entry)

    async def record_failed_sign_in(self, action: AuditAction, account: User | None, address: str) -> None:
        """Record that somebody at ``address`` could not sign in to ``account``, unless there were many such entries.

        The limit for each account, and for all unknown accounts together, keeps strangers from filling the store. The
        name of an unknown account is not recorded, because it may be a password in the wrong field.
        """
        target = by_user(account) if account else UNKNOWN_ACCOUNT
        try:
            await self._failures.spend(f"{action} {target.party_id}")
        except RateLimitedError:
            return
        await self.record(action, Party(VISITOR, address=address), target)

    async def newest(self, limit: int, *, before: str = "", name: str = "", action: str = "") -> list[AuditEntry]:
        """Return the newest entries, see ``AuditEntries.newest``. The caller must check that the user may read them."""
        return await self._entries.newest(limit, before=before, name=name, action=action)


def _log_line(entry: AuditEntry) -> None:
    known = {
        "actor": entry.actor,
        "target": entry.target,
        "address": entry.address,
        "details": entry.details,
    }
    fields = {name: value for name, value in known.items() if value}
    logging.getLogger(f"{LOGGER}.{entry.action}").info("%s", entry.action, extra=fields)
