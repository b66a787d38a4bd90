"""The panels over the messages: the chatters, the muted chatters, and the commands."""

from dataclasses import dataclass

import reflex as rx

from streaming_app.components.chat.browser_state import preferences, set_ui, ui, unmute
from streaming_app.components.chat.chat_row import chat_name, role_badge
from streaming_app.components.chat.menu_actions import hue_of
from streaming_app.components.chat.popup_elements import panel
from streaming_app.components.typescript_modules import browser_hook, script
from streaming_app.state.chat import ChatState, CommandView
from streaming_app.state.session import SessionState


@dataclass(frozen=True)
class ListedChatter:
    """A signed-in user in the chat."""

    name: str
    role: str


@dataclass(frozen=True)
class FoundChatters:
    """The result of a search: from ``useFoundChatters`` of chatters.ts."""

    known: bool
    total: int
    shown: list[ListedChatter]


def open_panel(channel_id: str) -> rx.Component:
    """The open panel, if any."""
    return rx.fragment(
        rx.match(
            ui.panel,
            ("chatters", _panel("Chatters", *_chatters(channel_id))),
            ("muted", _panel("Muted people", *_muted())),
            ("commands", _panel("Chat commands", *_commands())),
            rx.fragment(),
        )
    )


def _panel(title: str, *children: rx.Component) -> rx.Component:
    close = rx.el.button(
        rx.icon("x"),
        type="button",
        on_click=set_ui(panel=""),
        aria_label="Close",
        class_name="btn btn--icon btn--sm",
    )
    return panel(rx.el.header(rx.el.h3(title), close, class_name="panel-over__head"), *children, label=title)


def _chatters(channel_id: str) -> tuple[rx.Component, ...]:
    found: FoundChatters = browser_hook(
        "foundChatters", "useFoundChatters", FoundChatters, script("chat/chatters.ts"), channel_id
    )
    shown = rx.Var.create(found.shown)
    count = rx.cond(found.total == 1, "1 person", f"{found.total} people")
    nobody = rx.cond(found.total > 0, "No one by that name.", "No signed-in viewers yet.")
    return (
        rx.el.input(
            type="search",
            placeholder="Find a name",
            aria_label="Find a name",
            on_change=lambda search: set_ui(search=search),
            class_name="input people__search",
        ),
        rx.cond(
            found.known,
            rx.el.p(rx.cond(shown.length() > 0, count, nobody), class_name="panel-over__text"),
        ),
        rx.el.ul(rx.foreach(found.shown, _chatter), tab_index=0, aria_label="Names", class_name="panel-over__list"),
    )


def _chatter(chatter: ListedChatter) -> rx.Component:
    me = SessionState.username
    mention_button = rx.el.button(
        "Mention",
        type="button",
        on_click=set_ui(mention={"name": chatter.name}, panel=""),
        aria_label=f"Mention {chatter.name}",
        class_name="btn btn--sm",
    )
    return rx.el.li(
        rx.el.span(
            role_badge(chatter.role), chat_name(chatter.name, hue_of.call(chatter.name)), class_name="people__who"
        ),
        rx.cond((me != "") & (me.lower() != chatter.name.lower()), mention_button),
        key=chatter.name,
        class_name="people__one",
    )


def _muted() -> tuple[rx.Component, ...]:
    return (
        rx.el.p(
            rx.cond(
                rx.Var.create(preferences.muted).length() > 0,
                "You don't see their messages. They aren't notified.",
                "No muted people. To mute someone, open the menu of one of their messages.",
            ),
            class_name="panel-over__text",
        ),
        rx.el.ul(rx.foreach(preferences.muted, _muted_person), class_name="panel-over__list"),
    )


def _muted_person(name: str) -> rx.Component:
    return rx.el.li(
        chat_name(name, hue_of.call(name)),
        rx.el.button(
            "Unmute",
            type="button",
            on_click=unmute.partial(name),
            aria_label=f"Unmute {name}",
            class_name="btn btn--secondary btn--sm",
        ),
        key=name,
        class_name="people__one",
    )


def _commands() -> tuple[rx.Component, ...]:
    return (
        rx.el.p(
            "Type / in the message box to choose one. Start a message with // to send a slash.",
            class_name="panel-over__text",
        ),
        rx.el.div(
            rx.el.dl(rx.foreach(ChatState.commands, _command)),
            tab_index=0,
            role="group",
            aria_label="List of commands",
            class_name="panel-over__list",
        ),
    )


def _command(command: CommandView) -> rx.Component:
    return rx.el.div(
        rx.el.dt(rx.el.code(command.usage)), rx.el.dd(command.help), key=command.name, class_name="commands__one"
    )
