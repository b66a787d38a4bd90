"""Reads the target, the ban and the rules of a moderation log entry."""

import json
from collections.abc import Callable
from datetime import datetime

from streaming_app.backend.chat.model import Ban, ChatRules, Chatter, ModerationLogEntry
from streaming_app.backend.chat.rules_form import describe_changes, with_fields


def is_entry_of_ban(entry: ModerationLogEntry, ban: Ban) -> bool:
    """Return whether the entry of a ban or timeout belongs to ``ban``, and not to another ban of the same person."""
    kept = json.loads(entry.undo_data)
    since = kept if isinstance(kept, str) else kept["since"]  # old entries only have the start time
    return since == to_iso(ban.since)


def is_entry_of_unban(entry: ModerationLogEntry, ban: Ban) -> bool:
    """Return whether the entry of an unban belongs to ``ban``."""
    return json.loads(entry.undo_data).get("since") == to_iso(ban.since)


def target_of(entry: ModerationLogEntry) -> Chatter:
    """Return the person whom the entry concerns."""
    return Chatter(entry.target_id, entry.target)


def ban_from_entry(entry: ModerationLogEntry, until: datetime | None) -> Ban:
    """Return the ban of an entry. It starts at the time in the entry, by which the undo recognises it."""
    since = datetime.fromisoformat(json.loads(entry.undo_data)["since"])
    return Ban(entry.channel_id, entry.target_id, entry.target, since, until, entry.reason, entry.by)


def has_target(user_id: str) -> Callable[[ModerationLogEntry], bool]:
    """Return a predicate that is true for entries that concern this user."""
    return lambda entry: entry.target_id == user_id


def is_entry_of_rules_change(entry: ModerationLogEntry, before: ChatRules, after: ChatRules) -> bool:
    """Return whether the entry belongs to the change from ``before`` to ``after``.

    If ``before`` equals ``after``, the change has been made: then any entry that led to ``after`` matches.
    """
    begun_with = with_fields(after, json.loads(entry.undo_data))
    return entry.detail == describe_changes(begun_with, after) and before in {begun_with, after}


def to_iso(at: datetime) -> str:
    """Format a time as in the undo data of entries."""
    return at.isoformat()
