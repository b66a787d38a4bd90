"""The message box, with suggestions, the message to reply to, errors and notices."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex_components_core.el.elements.base import BaseHTML

from streaming_app.components.chat.browser_state import set_ui, ui
from streaming_app.components.chat.emoji_picker import EmojiPicker, emoji_picker
from streaming_app.components.feed.feed_part import feed_part
from streaming_app.components.typescript_modules import browser_hook, script
from streaming_app.state.chat import BanNotice, ChatState, CommandView

_NEAR_LIMIT = 60
"""Number of remaining characters at which the box starts to show it."""


class ComposeBox(rx.NoSSRComponent):
    """The behaviour of the box. Provides ``Compose`` to its children."""

    library = script("chat/compose_box.tsx")
    tag = "ComposeBox"
    path: rx.Var[str]
    """URL path of the channel's feed."""
    channel: rx.Var[str]
    is_moderator: rx.Var[bool]
    ban: rx.Var[BanNotice]
    """The viewer's ban in this channel."""
    commands: rx.Var[list[CommandView]]
    max_length: rx.Var[int]
    receipt: rx.Var[str]
    """The box keeps the typed text until this value changes and ``refusal`` is empty."""
    refusal: rx.Var[str]
    wait_seconds: rx.Var[int]
    """Seconds until a message can be sent; 0 if slow mode and the rate limit do not apply."""
    answer: rx.Var[str]
    on_send: rx.EventHandler[passthrough_event_spec(str, str, str, str)]
    """Arguments: channel, text, the id of the message that it replies to, and the page's own id of the message."""


class Form(BaseHTML):
    """A form. Reflex's own always has an event handler."""

    tag = "form"


@dataclass(frozen=True)
class Suggestion:
    """A suggested replacement for the word that is being typed."""

    id: str
    label: str
    hint: str
    picture: str
    symbol: str
    events: Any


@dataclass(frozen=True)
class ComposeNotice:
    """The time for which the viewer cannot write."""

    is_banned: bool
    until: str
    """The time until the viewer can write again, counting down; empty if the viewer need not wait."""
    spoken: str
    """The text for screen readers, which read it once."""


@dataclass(frozen=True)
class ShownRules:
    """The rules of a chat, with fields named as in docs/feed.md."""

    slow: int
    text: str


@dataclass(frozen=True)
class Compose:
    """The state of the message box. ``form``, ``input`` and ``events`` are attributes of an element."""

    id: str
    form: Any
    input: Any
    active: str
    """The id of the suggestion that Enter accepts."""
    suggestions: list[Suggestion]
    picker: EmojiPicker
    error: str
    answer: str
    command: CommandView
    """The command that is being typed."""
    notice: ComposeNotice
    typed: int
    """Number of characters in the box."""
    is_pending: bool


_BOX: Compose = browser_hook("compose", "useCompose", Compose, script("chat/compose_box.tsx"))


def compose_box(channel_id: str, path: str) -> rx.Component:
    """The message box of a channel. ``path`` is the URL path of the channel's feed."""
    form = Form.create(
        emoji_picker(_BOX.picker, f"{_BOX.id}-emoji"),
        _suggestions(),
        rx.cond(ui.reply, _answered()),
        rx.el.div(
            rx.el.div(_input(), _emoji_button(), class_name="compose__field"),
            rx.el.button(
                "Send",
                type="submit",
                disabled=(_BOX.typed == 0) | _BOX.notice.is_banned,
                aria_busy=_BOX.is_pending,
                class_name="btn btn--primary compose__send",
            ),
            class_name="compose__row",
        ),
        _error_and_count(),
        _answer_and_notice(path),
        special_props=[_BOX.form],
        aria_label="Write to the chat",
        class_name="compose",
    )
    return ComposeBox.create(
        form,
        path=path,
        channel=channel_id,
        is_moderator=ChatState.is_moderator,
        ban=ChatState.ban,
        commands=ChatState.commands,
        max_length=ChatState.max_length,
        receipt=ChatState.receipt,
        refusal=ChatState.refusal,
        wait_seconds=ChatState.wait_seconds,
        answer=ChatState.answer,
        on_send=ChatState.send,
    )


def _suggestions() -> rx.Component:
    return rx.cond(
        _BOX.active,
        rx.el.div(
            rx.foreach(_BOX.suggestions, _suggestion),
            id=_BOX.id,
            role="listbox",
            aria_label="Suggestions",
            class_name="suggestions",
        ),
    )


def _suggestion(suggestion: Suggestion) -> rx.Component:
    return rx.el.div(
        rx.cond(suggestion.picture, rx.el.img(src=suggestion.picture, alt="", class_name="suggestions__picture")),
        rx.cond(
            suggestion.symbol, rx.el.span(suggestion.symbol, aria_hidden="true", class_name="suggestions__picture")
        ),
        rx.el.span(suggestion.label, class_name="suggestions__label"),
        rx.cond(suggestion.hint, rx.el.span(suggestion.hint, class_name="suggestions__hint")),
        special_props=[suggestion.events],
        id=suggestion.id,
        key=suggestion.label,
        role="option",
        aria_selected=suggestion.id == _BOX.active,
        class_name="suggestions__item",
    )


def _answered() -> rx.Component:
    message = ui.reply
    return rx.el.div(
        rx.icon("reply"),
        rx.el.span("Replying to ", rx.el.b(message.name), ": ", message.text, class_name="compose__replied"),
        rx.el.button(
            rx.icon("x"),
            type="button",
            on_click=set_ui(reply=None),
            aria_label="Cancel reply",
            class_name="btn btn--icon compose__cancel",
        ),
        class_name="compose__reply",
    )


def _input() -> rx.Component:
    return rx.el.textarea(
        special_props=[_BOX.input],
        name="text",
        rows=1,
        disabled=_BOX.notice.is_banned,
        placeholder=rx.cond(_BOX.notice.is_banned, "You cannot chat here", "Send a message"),
        auto_complete="off",
        enter_key_hint="send",
        aria_label="Message",
        aria_invalid=_BOX.error != "",
        aria_describedby=f"{_BOX.id}-error {_BOX.id}-answer",
        aria_autocomplete="list",
        aria_haspopup="listbox",
        aria_controls=rx.cond(_BOX.active, _BOX.id, None),
        aria_activedescendant=_BOX.active,
        class_name="input compose__input",
    )


def _emoji_button() -> rx.Component:
    return rx.el.button(
        rx.icon("smile"),
        custom_attrs={"popoverTarget": f"{_BOX.id}-emoji"},
        type="button",
        disabled=_BOX.notice.is_banned,
        aria_label="Emoji",
        class_name="btn btn--icon compose__smile",
    )


def _error_and_count() -> rx.Component:
    left = ChatState.max_length - _BOX.typed
    near = left <= _NEAR_LIMIT
    count = rx.el.span(
        f"{_BOX.typed} / {ChatState.max_length}", data_near=True, data_over=left < 0, class_name="compose__count"
    )
    return rx.cond(
        (_BOX.error != "") | near,
        rx.el.div(
            rx.el.span(_BOX.error, id=f"{_BOX.id}-error", role="alert", class_name="field__error"),
            rx.cond(near, count),
            class_name="compose__foot",
        ),
    )


def _answer_and_notice(path: str) -> rx.Component:
    command = rx.el.div(rx.el.code(_BOX.command.usage), " ", _BOX.command.help)
    return rx.el.div(
        rx.cond(_BOX.command, command, rx.cond(_BOX.answer, rx.el.div(_BOX.answer))),
        _notice(path),
        id=f"{_BOX.id}-answer",
        role="status",
        class_name="compose__said",
    )


def _notice(path: str) -> rx.Component:
    """A ban, a wait, or the rules of the chat. Moderators see no rules, because they are exempt."""
    notice, rules = _BOX.notice, feed_part(path, "rules", ShownRules)
    is_slow = (rules.slow > 0) & ~ChatState.is_moderator
    waiting = rx.cond(is_slow, "Slow mode is on.", "Slow down.")
    text = rx.cond(notice.until, waiting, rx.cond(ChatState.is_moderator, "", rules.text))
    until = rx.fragment(
        " You can chat again ",
        rx.el.span(notice.until, aria_hidden="true", class_name="compose__until"),
        rx.el.span(notice.spoken, class_name="visually-hidden"),
        ".",
    )
    return rx.cond(
        notice.is_banned | (text != ""),
        rx.el.span(
            rx.cond(notice.is_banned, rx.icon("ban"), rx.icon("hourglass")),
            rx.el.span(rx.cond(notice.is_banned, ChatState.ban.words, text), rx.cond(notice.until, until)),
            class_name="compose__standing",
        ),
    )
