"""Reads the target, the ban and the rules of a moderation log entry."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from streaming_app.backend.chat.model import Ban, ChatRules, Chatter, ModerationLogEntry
from streaming_app.backend.chat.rules_form import describe_changes, with_fields


def ban_data(entry: ModerationLogEntry) -> dict[str, Any]:
    """Return the undo data of a ban or timeout. Old entries only have its start time."""
    kept = json.loads(entry.undo_data)
    return {"since": kept, "was_moderator": False} if isinstance(kept, str) else kept


def is_entry_of_ban(entry: ModerationLogEntry, ban: Ban) -> bool:
    """Return whether the entry of a ban or timeout belongs to ``ban``, and not to another ban of the same person."""
    return ban_data(entry)["since"] == to_iso(ban.since)


def is_entry_of_unban(entry: ModerationLogEntry, ban: Ban) -> bool:
    """Return whether the entry of an unban belongs to ``ban``."""
    return json.loads(entry.undo_data).get("since") == to_iso(ban.since)


def target_of(entry: ModerationLogEntry) -> Chatter:
    """Return the person whom the entry concerns."""
    return Chatter(entry.target_id, entry.target)


def ban_from_entry(entry: ModerationLogEntry, until: datetime | None) -> Ban:
    """Return the ban of an entry. It starts at the time in the entry, by which the undo recognises it."""
    since = datetime.fromisoformat(ban_data(entry)["since"])
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
