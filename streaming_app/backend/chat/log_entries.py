"""What an entry of the moderation log says about its action: whom it concerns, and which ban or rules it is about."""

import json
from collections.abc import Callable
from datetime import datetime

from streaming_app.backend.chat.model import Ban, ChatRules, Chatter, ModerationLogEntry
from streaming_app.backend.chat.rules import describe_changes, with_fields


def is_entry_of_ban(entry: ModerationLogEntry, ban: Ban) -> bool:
    """Whether the entry, of a ban or a timeout, is about this ban and not a later one."""
    kept = json.loads(entry.undo_data)
    since = kept if isinstance(kept, str) else kept["since"]  # older entries have only the instant
    return since == to_iso(ban.since)


def is_entry_of_unban(entry: ModerationLogEntry, ban: Ban) -> bool:
    """Whether the entry is about lifting this ban."""
    return json.loads(entry.undo_data).get("since") == to_iso(ban.since)


def target_of(entry: ModerationLogEntry) -> Chatter:
    """Whom the entry concerns."""
    return Chatter(entry.target_id, entry.target)


def ban_from_entry(entry: ModerationLogEntry, until: datetime | None) -> Ban:
    """The ban that the entry is about: it begins when the entry says, so that undoing knows it."""
    since = datetime.fromisoformat(json.loads(entry.undo_data)["since"])
    return Ban(entry.channel_id, entry.target_id, entry.target, since, until, entry.reason, entry.by)


def has_target(user_id: str) -> Callable[[ModerationLogEntry], bool]:
    """Whether an entry concerns this user."""
    return lambda entry: entry.target_id == user_id


def is_entry_of_rules_change(entry: ModerationLogEntry, before: ChatRules, after: ChatRules) -> bool:
    """Whether the entry is about changing ``before`` to ``after``, or (if they are one) has led to ``after``."""
    begun_with = with_fields(after, json.loads(entry.undo_data))
    return entry.detail == describe_changes(begun_with, after) and before in {begun_with, after}


def to_iso(at: datetime) -> str:
    """As entries keep it."""
    return at.isoformat()
