"""The view models of the moderation page."""

import dataclasses
from dataclasses import dataclass

from streaming_app.backend.chat.model import (
    Ban,
    ChatRules,
    EntryState,
    HeldMessage,
    ModerationAction,
    ModerationLogEntry,
)
from streaming_app.backend.chat.rules_form import RulesForm, parse_rules
from streaming_app.backend.chat.undo import UNDOABLE


@dataclass(frozen=True)
class HeldMessageView:
    """A held message."""

    message_id: str = ""
    name: str = ""
    text: str = ""
    replies_to: str = ""
    """Name and text of the message that it replies to; may be empty."""
    reason: str = ""
    at: str = ""
    """ISO 8601, UTC."""


@dataclass(frozen=True)
class BanView:
    """A banned or timed-out chatter."""

    name: str = ""
    until: str = ""
    """ISO 8601, UTC; empty for a permanent ban."""
    since: str = ""
    reason: str = ""
    by: str = ""


@dataclass(frozen=True)
class LogEntryView:
    """A log entry."""

    entry_id: str = ""
    by: str = ""
    description: str = ""
    """The part of a sentence that follows the name of the moderator."""
    quote: str = ""
    """Text of the message concerned; may be empty."""
    reason: str = ""
    at: str = ""
    """ISO 8601, UTC."""
    unfinished: str = ""
    """A note if the action or its undo was interrupted; otherwise empty."""
    can_be_undone: bool = False
    undone_by: str = ""


@dataclass(frozen=True)
class RulesView:
    """The rules as values of the form's fields."""

    slow_seconds: str = ""
    followers_only_minutes: str = ""
    account_age_minutes: str = ""
    blocked_terms: str = ""
    links: str = "allowed"
    allowed_hosts: str = ""
    limits_caps: bool = False
    limits_flood: bool = True
    filtered: str = "refused"


@dataclass(frozen=True)
class RulesErrors:
    """The error messages of the form's fields."""

    slow_seconds: str = ""
    followers_only_minutes: str = ""
    account_age_minutes: str = ""
    blocked_terms: str = ""
    links: str = ""
    allowed_hosts: str = ""
    filtered: str = ""


def held_message_view(message: HeldMessage) -> HeldMessageView:
    """Return the view of a held message."""
    answers = f"{message.reply_to.username}: {message.reply_to.text}" if message.reply_to else ""
    return HeldMessageView(
        message.message_id, message.username, message.text, answers, message.reason, message.held_at.isoformat()
    )


def ban_view(ban: Ban) -> BanView:
    """Return the view of a ban."""
    until = ban.until.isoformat() if ban.until else ""
    return BanView(ban.username, until, ban.since.isoformat(), ban.reason, ban.by)


def log_entry_view(entry: ModerationLogEntry) -> LogEntryView:
    """Return the view of a log entry."""
    quotes = entry.action in _ACTIONS_WITH_TEXT
    return LogEntryView(
        entry_id=entry.entry_id,
        by=entry.by,
        description=_DESCRIPTIONS[entry.action].format(target=entry.target, detail=entry.detail),
        quote=entry.detail if quotes else "",
        reason=entry.reason,
        at=entry.at.isoformat(),
        unfinished=_UNFINISHED.get(entry.state, ""),
        can_be_undone=entry.action in UNDOABLE and entry.state is not EntryState.UNDONE,
        undone_by=entry.undone_by,
    )


def rules_view(rules: ChatRules) -> RulesView:
    """Return the form values of these rules."""
    minutes = rules.followers_only_minutes
    return RulesView(
        slow_seconds=str(rules.slow_seconds) if rules.slow_seconds else "",
        followers_only_minutes="" if minutes is None else str(minutes),
        account_age_minutes=str(rules.account_age_minutes) if rules.account_age_minutes else "",
        blocked_terms="\n".join(rules.blocked_terms),
        links=str(rules.links),
        allowed_hosts="\n".join(rules.allowed_hosts),
        limits_caps=rules.limits_caps,
        limits_flood=rules.limits_flood,
        filtered=str(rules.filtered),
    )


def rules_from_view(view: RulesView) -> ChatRules:
    """Return the rules of a view that ``rules_view`` has created."""
    fields = {field.name: getattr(view, field.name) for field in dataclasses.fields(RulesView)}
    return parse_rules(RulesForm(**fields))


def rules_form(form: dict[str, str]) -> RulesForm:
    """Return the submitted form as a ``RulesForm``. Unchecked checkboxes are missing in ``form``."""
    return RulesForm(
        slow_seconds=form.get("slow_seconds", ""),
        followers_only_minutes=form.get("followers_only_minutes", ""),
        account_age_minutes=form.get("account_age_minutes", ""),
        blocked_terms=form.get("blocked_terms", ""),
        links=form.get("links", ""),
        allowed_hosts=form.get("allowed_hosts", ""),
        limits_caps="limits_caps" in form,
        limits_flood="limits_flood" in form,
        filtered=form.get("filtered", ""),
    )


_UNFINISHED = {EntryState.PENDING: "Not finished", EntryState.UNDOING: "Undo not finished"}
_ACTIONS_WITH_TEXT = frozenset(
    {
        ModerationAction.DELETE,
        ModerationAction.PIN,
        ModerationAction.UNPIN,
        ModerationAction.APPROVE,
        ModerationAction.REJECT,
    }
)
_DESCRIPTIONS = {
    ModerationAction.DELETE: "deleted a message of {target}",
    ModerationAction.CLEAR: "deleted all messages of {target}",
    ModerationAction.TIMEOUT: "timed out {target} for {detail}",
    ModerationAction.BAN: "banned {target}",
    ModerationAction.UNBAN: "unbanned {target}",
    ModerationAction.SET_RULES: "changed the rules: {detail}",
    ModerationAction.ADD_MODERATOR: "made {target} a moderator",
    ModerationAction.REMOVE_MODERATOR: "removed {target} as moderator",
    ModerationAction.PIN: "pinned a message of {target}",
    ModerationAction.UNPIN: "unpinned a message of {target}",
    ModerationAction.APPROVE: "approved a held message of {target}",
    ModerationAction.REJECT: "rejected a held message of {target}",
    ModerationAction.REMOVE_EMOTE: "deleted the emote {detail}",
}
