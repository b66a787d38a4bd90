"""An account that has data in every table, and another account to which it is related."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from streaming_app.backend.accounts.audit_log import AuditAction, AuditEntry
from streaming_app.backend.accounts.authenticator_app import AuthenticatorApp
from streaming_app.backend.accounts.avatars import Avatar
from streaming_app.backend.accounts.invitations import Invitation
from streaming_app.backend.accounts.mail_links import MailLink, MailLinkKind
from streaming_app.backend.accounts.model import ApiToken, Session, Ticket, User
from streaming_app.backend.accounts.passkeys import Passkey
from streaming_app.backend.accounts.providers.model import Identity, PendingIdentity, SignInAttempt
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.chat.model import (
    Ban,
    ChatMessage,
    ChatRules,
    Chatter,
    Emote,
    HeldMessage,
    ModerationAction,
    ModerationLogEntry,
    QuotedMessage,
    Role,
)
from streaming_app.backend.media.recordings.model import Recording
from streaming_app.backend.reports.model import Report, ReportKind, Resolution
from streaming_app.backend.streams.model import Channel, Publisher, Stream
from streaming_app.backend.streams.stream_blocks import StreamBlock
from streaming_app.backend.streams.streamer_requests import StreamerRequest

START = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEXT = "my grandmother's recipe"
"""In all texts that Ann wrote."""


@dataclass(frozen=True)
class FullAccount:
    """Ann, who has data everywhere, and Bob, in whose channel Ann chats and moderates."""

    ann: User
    bob: User
    channel: Channel
    bobs_channel: Channel

    @property
    def traces(self) -> tuple[str, ...]:
        """What identifies Ann: no row of the store may contain any of it after the deletion."""
        return self.ann.user_id, self.ann.username, self.ann.email, self.channel.channel_id, TEXT, "192.0.2.77"


def _user(name: str, number: int) -> User:
    user_id = f"id{number:04}of{name}"
    email = f"{name}{number}@example.com"
    return User(user_id, f"{name}{number}x", email, "hash", START, avatar_id=f"v-{user_id}")


def _channel(user: User, title: str) -> Channel:
    slug = user.username.lower()
    key = f"key of {user.user_id}"
    return Channel(f"channel-{user.user_id}", user.user_id, slug, user.username, title, "Music", key, b"sealed", START)


def _message(
    number: int, channel: Channel, user: User, text: str, reply_to: QuotedMessage | None = None
) -> ChatMessage:
    message_id = f"{number}-in-{channel.channel_id[-12:]}"
    return ChatMessage(
        message_id, channel.channel_id, user.user_id, user.username, text, START, number, Role.VIEWER, reply_to
    )


async def fill_account(store: Store, number: int = 0) -> FullAccount:
    """Store the accounts. Each ``number`` gives other accounts."""
    ann, bob = _user("Annabel", number), _user("Bob", number)
    account = FullAccount(ann, bob, _channel(ann, TEXT), _channel(bob, "Music for you"))
    for user, channel in ((ann, account.channel), (bob, account.bobs_channel)):
        await store.users.add(user)
        await store.channels.add(channel)
    await _fill_sign_ins(store, ann)
    await _fill_broadcasts(store, account)
    await _fill_chat(store, account, pins_reply=bool(number % 2))
    await _fill_moderation(store, account)
    await _fill_reports(store, account)
    return account


async def _fill_sign_ins(store: Store, ann: User) -> None:
    session = Session(f"s-{ann.user_id}", ann.user_id, START, START + 1000 * HOUR, 0, "Firefox", "192.0.2.77", START)
    await store.sessions.add(session)
    await store.tickets.add(Ticket(f"t-{ann.user_id}", ann.user_id, START + HOUR))
    await store.api_tokens.add(ApiToken(f"a-{ann.user_id}", ann.user_id, f"{TEXT} bot", f"h-{ann.user_id}", START), 10)
    await store.authenticator_apps.add(AuthenticatorApp(ann.user_id, b"sealed", START, 0, ()))
    await store.passkeys.add(Passkey(f"p-{ann.user_id}", ann.user_id, f"{TEXT} key", b"public", 0, START))
    tail = ann.user_id[2:6]
    await store.invitations.add(Invitation(f"i-{tail}", f"hash {tail}", "", ann.username, START, START + HOUR, 1))
    await store.invitations.claim(f"hash {tail}", ann.user_id, START)
    await store.identities.add(Identity("work", f"person-{ann.user_id}", ann.user_id, f"{TEXT} account", START))
    attempt = SignInAttempt(f"s-{ann.user_id}", "b", "work", "nonce", "verifier", "/", ann.user_id, START + HOUR)
    await store.sign_in_attempts.add(attempt, START)
    again = replace(attempt, state_hash=f"c-{ann.user_id}", link_to="", confirms=ann.user_id)
    await store.sign_in_attempts.add(again, START)
    pending = PendingIdentity(
        f"i-{ann.user_id}",
        "vk",
        "1",
        email_verified=False,
        user_id="u-new",
        link_to=ann.user_id,
        label="label",
        email="new@example.com",
        next_path="/",
        expires_at=START + HOUR,
    )
    await store.pending_identities.add(pending, START)
    link = MailLink(f"l-{ann.user_id}", MailLinkKind.CHANGE, "new@example.com", START, START + HOUR, ann.user_id)
    await store.mail_links.add(link)
    request = StreamerRequest(ann.user_id, ann.username, TEXT, START, decided_by=ann.username)
    await store.streamer_requests.put(request)
    await store.avatars.add(Avatar(f"v-{ann.user_id}", ann.user_id, "image/webp", START), b"picture")
    for party, (actor, target) in enumerate(((ann, None), (None, ann))):
        entry = AuditEntry(
            f"audit{party}-{ann.user_id[2:6]}",
            START,
            START + 1000 * HOUR,
            AuditAction.SIGNED_IN,
            actor.username if actor else "visitor",
            actor.user_id if actor else "",
            target.username if target else "",
            target.user_id if target else "",
            "192.0.2.77",
            TEXT,
        )
        await store.audit_log.add(entry)


async def _fill_broadcasts(store: Store, account: FullAccount) -> None:
    for channel in (account.channel, account.bobs_channel):
        publisher = Publisher("1", "192.0.2.77" if channel is account.channel else "192.0.2.9", "OBS")
        stream_id = f"stream-{channel.channel_id}"
        ended = START + HOUR
        stream = Stream(stream_id, channel.channel_id, START, "title", "", publisher, START, START, ended)
        await store.streams.add(stream)
        await store.stream_blocks.put(StreamBlock(channel.channel_id, START, None, "music", account.ann.username))
        await store.recordings.add(Recording(stream_id, channel.channel_id, "title", "", START, 60, 1, ended_at=ended))


async def _fill_chat(store: Store, account: FullAccount, *, pins_reply: bool) -> None:
    ann, bob, own, bobs = account.ann, account.bob, account.channel, account.bobs_channel
    anns = _message(2, bobs, ann, TEXT)
    quote = QuotedMessage(anns.message_id, ann.username, TEXT)
    reply = _message(3, bobs, bob, "nice", quote)
    messages = [_message(1, own, bob, "hello"), _message(2, own, ann, TEXT), anns, reply, _message(4, bobs, bob, "bye")]
    await store.chat_archive.add(messages)
    await store.chat_archive.delete(bobs.channel_id, f"e-{ann.user_id}", [anns.message_id])
    await store.chat_settings.set_rules(own.channel_id, ChatRules(slow_seconds=3), 0)
    await store.chat_settings.set_pinned(own.channel_id, messages[0], "")
    await store.chat_settings.set_pinned(bobs.channel_id, reply if pins_reply else anns, "")
    for channel, user in ((own, bob), (bobs, ann)):
        await store.chat_settings.add_moderator(channel.channel_id, Chatter(user.user_id, user.username))
        await store.chat_settings.take_slow_mode_turn(channel.channel_id, user.user_id, "m", START, HOUR)
        await store.follows.follow(channel.channel_id, user.user_id, START)
        ban = Ban(channel.channel_id, user.user_id, user.username, START, None, "", channel.name)
        await store.chat_settings.set_ban(ban)
    # Ann banned somebody in Bob's channel.
    await store.chat_settings.set_ban(Ban(bobs.channel_id, "troll", "troll", START, None, "spam", ann.username))
    picture = Emote(f"o-{ann.user_id}", own.channel_id, "Hype", "image/png", 28, 28, START)
    await store.emotes.add(picture, b"picture")


async def _fill_moderation(store: Store, account: FullAccount) -> None:
    ann, bob, own, bobs = account.ann, account.bob, account.channel, account.bobs_channel
    undo = json.dumps({"pinned": {"user_id": ann.user_id, "text": TEXT}})
    entries = (
        (own, bob.username, ModerationAction.DELETE, bob, "hello", ""),
        (bobs, bob.username, ModerationAction.DELETE, ann, TEXT, ""),
        (bobs, ann.username, ModerationAction.BAN, None, "", ""),
        (bobs, bob.username, ModerationAction.UNPIN, None, "", undo),
    )
    for number, (channel, by, action, target, detail, undo_data) in enumerate(entries):
        entry = ModerationLogEntry(
            f"e{number}-{ann.user_id[2:6]}",
            channel.channel_id,
            START,
            by,
            action,
            target.username if target else "troll",
            target.user_id if target else "troll",
            detail,
            "",
            undo_data=undo_data,
        )
        await store.moderation_log.add(entry)
    quote = QuotedMessage("m", ann.username, TEXT)
    tail = ann.user_id[2:6]
    messages = ((own, bob, "x", None), (bobs, ann, TEXT, None), (bobs, bob, "y", quote))
    for number, (channel, user, text, quoted) in enumerate(messages):
        where = f"h{number}-{tail}", channel.channel_id
        held = HeldMessage(*where, user.user_id, user.username, text, Role.VIEWER, quoted, START, "caps")
        await store.held_messages.add(held)
    await store.held_messages.claim(bobs.channel_id, f"h2-{tail}", ann.user_id, ModerationAction.REJECT, START, HOUR)


async def _fill_reports(store: Store, account: FullAccount) -> None:
    """Add reports by Ann, about Ann, and in Ann's channel, and others that Ann resolved or claimed."""
    ann, bob, own, bobs = account.ann, account.bob, account.channel, account.bobs_channel
    tail = ann.user_id[2:6]
    reports = (
        (ReportKind.USER, bobs, bob, ann, TEXT),
        (ReportKind.USER, own, ann, bob, ""),
        (ReportKind.MESSAGE, own, None, bob, ""),
        (ReportKind.STREAM, bobs, bob, None, "resolved by Ann"),
        (ReportKind.MESSAGE, bobs, None, bob, "claimed by Ann"),
    )
    for number, (kind, channel, subject, reporter, text) in enumerate(reports):
        report = Report(
            f"r{number}-{tail}",
            kind,
            f"target{number}-{tail}",
            channel.channel_id,
            subject.user_id if subject else "troll",
            subject.username if subject else "troll",
            TEXT if subject is ann else "",
            reporter.user_id if reporter else "viewer",
            reporter.username if reporter else "viewer",
            "spam",
            text,
            START,
        )
        await store.reports.add(report)
    await store.reports.resolve(ReportKind.STREAM, f"target3-{tail}", Resolution.DISMISSED, ann.username, START)
    await store.reports.claim(f"r4-{tail}", ann.username, START, HOUR)
