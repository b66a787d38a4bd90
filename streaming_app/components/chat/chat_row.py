"""The list of the chat's lines. A line is a message, a deleted message, a gap or a divider."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from streaming_app.components.typescript_modules import browser_hook, script

_BADGES = {"moderator": ("shield", "Moderator"), "owner": ("crown", "Streamer"), "admin": ("star", "Administrator")}


@dataclass(frozen=True)
class Quote:
    """The message that another message replies to."""

    id: str
    name: str
    text: str
    """Null if the message is deleted."""


@dataclass(frozen=True)
class EmoteImage:
    """The image of an emote."""

    url: str
    width: int
    height: int


@dataclass(frozen=True)
class MessagePart:
    """A part of a message's text. ``kind`` determines which of the other fields are set."""

    kind: str
    text: str
    href: str
    me: bool
    """True if the part mentions the viewer; missing otherwise."""
    emote: EmoteImage
    emoji: str


@dataclass(frozen=True)
class Line:
    """``ShownLine`` of describe_line.ts."""

    id: str
    name: str
    hue: int
    text: str
    at: str
    time: str
    sent_at: str
    role: str
    reply: Quote
    parts: list[MessagePart]
    large: bool
    for_me: bool
    deleted: bool
    gap: bool
    words: str
    """Text of a divider."""
    leaving: bool
    """Whether the line is fading out, in the chat overlay."""


@dataclass(frozen=True)
class ShownList:
    """What the list shows. ``log`` and ``button`` are attributes of elements."""

    lines: list[Line]
    follows: bool
    """Whether the list follows the newest line."""
    more: str
    """How many new messages are below; false if the viewer sees the newest."""
    button: Any
    log: Any
    phase: str
    """Of a recorded chat: ``waiting`` for the first messages, ``known``, ``silent`` if nobody wrote, or ``away`` if the
    site does not answer."""


LIST: ShownList = browser_hook("shownList", "useShownLines", ShownList, script("chat/shown_lines.ts"))


def message_list(*, has_buttons: bool) -> rx.Component:
    """The list of messages, and the button to the newest ones. With ``has_buttons``, each message has a menu."""
    row = _row_with_buttons if has_buttons else _plain_row
    keys = "Use the arrow keys to move between messages and Enter to open a message's menu."
    return rx.fragment(
        rx.el.div(
            rx.foreach(LIST.lines, lambda line: rx.fragment(row(line=line), key=line.id)),
            special_props=[LIST.log],
            tab_index=0,
            role="log",
            aria_live="off",
            aria_label="Chat messages",
            custom_attrs={"aria-description": keys} if has_buttons else {},
            data_following=LIST.follows,
            class_name="chat__log",
        ),
        rx.cond(
            LIST.more,
            rx.el.button(
                LIST.more, special_props=[LIST.button], type="button", class_name="btn btn--primary chat__more"
            ),
        ),
    )


@rx.memo
def _row_with_buttons(line: rx.Var[Line]) -> rx.Component:
    message: Any = line
    return chat_row(message, has_buttons=True)


@rx.memo
def _plain_row(line: rx.Var[Line]) -> rx.Component:
    message: Any = line
    return chat_row(message, has_buttons=False)


def chat_row(line: Line, *, has_buttons: bool) -> rx.Component:
    """Return one line. With ``has_buttons``, it has a menu and a button to the message that it replies to."""
    missing = "Some messages are missing because your connection was too slow."
    return rx.fragment(
        rx.cond(
            line.words,
            _separator(line, rx.el.span(line.words), "chat__divider"),
            rx.cond(
                line.gap,
                _separator(line, missing, "chat__gap"),
                _message(line, has_buttons=has_buttons),
            ),
        )
    )


def _separator(line: Line, content: rx.Component | str, class_name: str) -> rx.Component:
    """A line between messages. It is focusable, because the arrow keys move from line to line."""
    return rx.el.div(content, tab_index=-1, data_message=line.id, class_name=f"chat__row {class_name}")


def _message(line: Line, *, has_buttons: bool) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.cond(line.reply, _quote(line.reply, is_button=has_buttons)),
            rx.el.time(line.time, date_time=line.at, title=line.sent_at, class_name="chat__time"),
            role_badge(line.role),
            chat_name(line.name, line.hue),
            rx.cond(
                line.deleted,
                rx.el.span("Message deleted", class_name="chat__gone"),
                rx.el.span(message_text(line.parts), data_large=line.large, class_name="chat__text"),
            ),
            class_name="chat__line",
        ),
        rx.cond(line.deleted, None, _menu_button(line)) if has_buttons else rx.fragment(),
        tab_index=-1,
        data_message=line.id,
        data_for_me=line.for_me,
        data_deleted=line.deleted,
        class_name="chat__row",
    )


def chat_name(name: str, hue: int) -> rx.Component:
    """A username in its color. Reflex's own ``style`` would create a class for each hue."""
    return rx.el.span(name, custom_attrs={"style": rx.Var.create({"--hue": hue})}, class_name="chat__name")


def role_badge(role: str) -> rx.Component:
    """The icon of a role; nothing for viewers."""
    return rx.fragment(rx.match(role, *[(known, _badge(known)) for known in _BADGES], rx.fragment()))


def _badge(role: str) -> rx.Component:
    icon, label = _BADGES[role]
    return rx.el.span(
        rx.icon(icon), role="img", aria_label=label, title=label, data_role=role, class_name="chat__badge"
    )


def message_text(parts: list[MessagePart]) -> rx.Component:
    """The parts of a text. Text from users is always rendered as text, never as markup."""
    return rx.foreach(parts, _part)


def _part(part: MessagePart) -> rx.Component:
    link = rx.el.a(part.text, href=part.href, target="_blank", rel="noopener nofollow ugc", class_name="chat__link")
    emote = rx.el.img(
        src=part.emote.url,
        alt=part.text,
        title=part.text,
        width=part.emote.width,
        height=part.emote.height,
        loading="lazy",
        decoding="async",
        class_name="chat__emote",
    )
    return rx.fragment(
        rx.match(
            part.kind,
            ("link", link),
            ("mention", rx.el.span(part.text, data_me=part.me, class_name="chat__mention")),
            ("emote", emote),
            ("emoji", rx.el.span(part.emoji, title=part.text)),
            rx.fragment(part.text),
        )
    )


def _quote(reply: Quote, *, is_button: bool) -> rx.Component:
    words = (
        rx.icon("reply"),
        rx.el.b(f"@{reply.name}", class_name="chat__quoted"),
        rx.el.span(rx.cond(reply.text, reply.text, "deleted message")),
    )
    if not is_button:
        return rx.el.span(*words, class_name="chat__quote")
    return rx.el.button(
        *words,
        type="button",
        tab_index=-1,
        title="Show this message",
        data_jump=reply.id,
        class_name="chat__quote",
    )


def _menu_button(line: Line) -> rx.Component:
    return rx.el.button(
        rx.icon("ellipsis"),
        type="button",
        tab_index=-1,
        aria_haspopup="menu",
        aria_label=f"Menu of {line.name}'s message",
        class_name="chat__act",
    )
