"""What the pages of the administration show, as plain values."""

from dataclasses import dataclass

from streaming_app.backend.account_data.ports import BEGUN
from streaming_app.backend.accounts.audit_log import AuditAction, AuditEntry
from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.accounts.staff import Staff
from streaming_app.backend.streams.live_administration import BlockedChannel
from streaming_app.backend.streams.model import Broadcast

ROLE_NAMES = {SiteRole.USER: "User", SiteRole.MODERATOR: "Moderator of the site", SiteRole.ADMIN: "Admin"}


@dataclass(frozen=True)
class UserView:
    """A user."""

    user_id: str = ""
    name: str = ""
    email: str = ""
    """Empty unless the viewer is an admin."""
    role: str = ""
    role_name: str = ""
    created_at: str = ""
    """ISO 8601, UTC."""
    suspended: bool = False
    suspended_until: str = ""
    """ISO 8601, UTC; empty if the suspension has no end."""
    reason: str = ""
    leaving: bool = False
    """Whether the account will be deleted."""
    deletes_at: str = ""
    """ISO 8601, UTC; empty if the deletion has begun."""


@dataclass(frozen=True)
class LiveView:
    """A live stream."""

    channel_id: str = ""
    slug: str = ""
    name: str = ""
    title: str = ""
    started_at: str = ""
    """ISO 8601, UTC."""
    viewers: int = 0


@dataclass(frozen=True)
class BlockView:
    """A channel that may not stream."""

    channel_id: str = ""
    slug: str = ""
    name: str = ""
    until: str = ""
    """ISO 8601, UTC; empty if the block has no end."""
    reason: str = ""
    by: str = ""


@dataclass(frozen=True)
class AuditView:
    """An entry of the audit log."""

    entry_id: str = ""
    at: str = ""
    """ISO 8601, UTC."""
    action: str = ""
    actor: str = ""
    target: str = ""
    address: str = ""
    details: str = ""


def user_view(user: User, viewer: Staff) -> UserView:
    """Return a user as ``viewer`` may see them."""
    return UserView(
        user_id=user.user_id,
        name=user.username,
        email=user.email if viewer.is_admin else "",
        role=user.site_role,
        role_name=ROLE_NAMES[user.site_role],
        created_at=user.created_at.isoformat(),
        suspended=user.banned,
        suspended_until=user.banned_until.isoformat() if user.banned_until else "",
        reason=user.ban_reason,
        leaving=user.deletes_at is not None,
        deletes_at=user.deletes_at.isoformat() if user.deletes_at and user.deletes_at != BEGUN else "",
    )


def live_view(broadcast: Broadcast, viewers: int) -> LiveView:
    """Return a live stream."""
    channel, stream = broadcast.channel, broadcast.stream
    return LiveView(
        channel.channel_id, channel.slug, channel.name, stream.title, stream.started_at.isoformat(), viewers
    )


def block_view(blocked: BlockedChannel) -> BlockView:
    """Return a blocked channel."""
    channel, block = blocked.channel, blocked.block
    until = block.until.isoformat() if block.until else ""
    return BlockView(channel.channel_id, channel.slug, channel.name, until, block.reason, block.blocked_by)


def audit_view(entry: AuditEntry) -> AuditView:
    """Return an entry of the audit log."""
    return AuditView(
        entry.entry_id,
        entry.at.isoformat(),
        action_name(entry.action),
        entry.actor,
        entry.target,
        entry.address,
        entry.details,
    )


def action_name(action: str) -> str:
    """Return the name of an action for people, such as "Signed in"."""
    return action.replace("_", " ").replace("api", "API").capitalize().replace("Api", "API")


ACTIONS = tuple((str(action), action_name(action)) for action in AuditAction)
"""All actions, as value and name."""
