"""Validation and permissions of chat, as pure functions."""

import re
from datetime import datetime, timedelta
from hashlib import sha256

from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.accounts.policy import may_use_site
from streaming_app.backend.chat.durations import humanize
from streaming_app.backend.chat.model import TIMEOUT_MAX, Ban, ChatRules, MembershipStatus, Role
from streaming_app.backend.errors import ForbiddenError, InvalidError
from streaming_app.backend.text_cleaning import check_length, visible_line, visible_text

REASON_MAX = 200
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def clean_text(text: str, max_length: int) -> str:
    """Remove surrounding whitespace, control and direction characters. Raises ``InvalidError``."""
    typed = text.strip()
    if len(typed) > 2 * max_length:
        raise _too_long(len(typed), max_length)
    cleaned = visible_text(typed)
    if not cleaned:
        raise InvalidError("text", "Type a message first.")
    if len(cleaned) > max_length:
        raise _too_long(len(cleaned), max_length)
    return cleaned


def derive_message_id(channel_id: str, user_id: str, client_id: str, text: str) -> str:
    """Derive the message id from the client's id. The same arguments always give the same id.

    The text is part of it, so a client that reuses an id with another text sends another message. Raises
    ``InvalidError``.
    """
    if not _CLIENT_ID.fullmatch(client_id):
        raise InvalidError("id", "Give the message an id of 8 to 64 letters, digits, - or _.")
    named = f"{channel_id}\n{user_id}\n{client_id}\n{text}"
    return sha256(named.encode(errors="surrogatepass")).hexdigest()[:32]


def clean_reason(reason: str) -> str:
    """Return the reason as one line of at most ``REASON_MAX`` characters. Raises ``InvalidError``."""
    return check_length(visible_line(reason), REASON_MAX, "reason")


def may_use_command(minimum_role: Role, *, may_moderate: bool) -> None:
    """Raise ``ForbiddenError`` for a command of moderators if the client may not moderate."""
    if minimum_role is not Role.VIEWER and not may_moderate:
        raise ForbiddenError("This API token may post messages, but not moderate. It lacks the scope chat:moderate.")


def clean_timeout(length: timedelta) -> timedelta:
    """Return ``length`` if it is a valid length of a timeout. Raises ``InvalidError``."""
    if not timedelta(seconds=1) <= length <= TIMEOUT_MAX:
        raise InvalidError(
            "minutes", f"Timeouts can last from 1 second to {humanize(TIMEOUT_MAX)}. For longer, use a ban."
        )
    return length


def role_of(user: User, status: MembershipStatus) -> Role:
    """Return the role of ``user`` in the channel that ``status`` is about."""
    if user.is_admin:
        return Role.ADMIN
    if status.owner_id == user.user_id:
        return Role.OWNER
    return Role.MODERATOR if status.is_moderator or user.site_role is SiteRole.MODERATOR else Role.VIEWER


def may_post(user: User, role: Role, status: MembershipStatus, now: datetime) -> None:
    """Raise ``ForbiddenError``, with the reason and the end of the restriction, if the user may not post now."""
    may_use_site(user)
    if role.can_manage_channel or user.site_role is SiteRole.MODERATOR:
        return
    if status.ban and status.ban.is_active(now):
        raise ForbiddenError(_describe_active_ban(status.ban, now))
    if role is Role.VIEWER:
        _check_follows(status, now)
        _check_age(user, status.rules, now)


def describe_ban_to_moderators(user: User, role: Role, status: MembershipStatus, now: datetime) -> str:
    """Return the part of a sentence that follows the chatter's name and describes their ban; empty without a ban."""
    if user.banned:
        return "is banned from the site"
    if role.can_manage_channel or not (status.ban and status.ban.is_active(now)):
        return ""
    until = status.ban.until
    return f"is timed out for another {humanize(until - now)}" if until else "is banned from this chat"


def may_moderate(actor: Role, target: Role, target_user: User | None = None) -> None:
    """Raise ``ForbiddenError`` unless ``actor`` may delete messages of, time out and ban a ``target``."""
    may_moderate_channel(actor)
    if target_user and target_user.site_role is SiteRole.MODERATOR and actor is not Role.ADMIN:
        raise ForbiddenError("You can't moderate a moderator of the site.")
    if target.can_manage_channel:
        raise ForbiddenError(f"You can't moderate {_role_name(target)}.")
    if actor.rank <= target.rank:
        raise ForbiddenError("Only the channel's owner can moderate a moderator.")


def may_moderate_channel(actor: Role) -> None:
    """Raise ``ForbiddenError`` unless ``actor`` is a moderator, the owner or an admin."""
    if actor.rank < Role.MODERATOR.rank:
        raise ForbiddenError("Only moderators of this channel can do that.")


def may_manage_moderators(actor: Role) -> None:
    """Raise ``ForbiddenError`` unless ``actor`` may add and remove moderators."""
    if not actor.can_manage_channel:
        raise ForbiddenError("Only the channel's owner can change its moderators.")


def describe_ban(ban: Ban) -> str:
    """Return the text about a ban for the banned chatter, with the reason."""
    what = "You are banned from this chat" if ban.until is None else "You are timed out"
    return f"{what}: {_sentence(ban.reason)}" if ban.reason else f"{what}."


def is_subject_to_rules(role: Role) -> bool:
    """Return whether the channel's rules apply to this role. Moderators and above are exempt."""
    return role is Role.VIEWER


def _describe_active_ban(ban: Ban, now: datetime) -> str:
    again = "" if ban.until is None else f" You can chat again in {humanize(ban.until - now)}."
    return describe_ban(ban) + again


def _sentence(text: str) -> str:
    return text if text[-1] in ".!?…" else f"{text}."


def _check_follows(status: MembershipStatus, now: datetime) -> None:
    minutes = status.rules.followers_only_minutes
    if minutes is None:
        return
    needed = timedelta(minutes=minutes)
    who = f"people who have followed the channel for {humanize(needed)}" if minutes else "followers of the channel"
    if status.followed_at is None:
        raise ForbiddenError(f"Only {who} can chat here. Follow the channel to join in.")
    wait = status.followed_at + needed - now
    if wait > timedelta(0):
        raise ForbiddenError(f"Only {who} can chat here. You can chat in {humanize(wait)}.")


def _check_age(user: User, rules: ChatRules, now: datetime) -> None:
    needed = timedelta(minutes=rules.account_age_minutes)
    wait = user.created_at + needed - now
    if rules.account_age_minutes and wait > timedelta(0):
        raise ForbiddenError(f"Accounts must be {humanize(needed)} old to chat here. You can chat in {humanize(wait)}.")


def _role_name(role: Role) -> str:
    return "the channel's owner" if role is Role.OWNER else "an admin of the site"


def _too_long(length: int, max_length: int) -> InvalidError:
    return InvalidError("text", f"Messages can be {max_length} characters at most. Yours has {length}.")
