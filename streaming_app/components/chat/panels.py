"""The panels over the messages: who is here, who is muted, and the commands."""

import reflex as rx
from reflex.event import passthrough_event_spec

from streaming_app.components.chat.actions import hue_of, unmute
from streaming_app.components.chat.browser_state import mention, panel, preferences
from streaming_app.components.chat.popups import Panel
from streaming_app.components.scripts import script
from streaming_app.state.chat import ChatState, CommandView
from streaming_app.state.session import SessionState


class ChatterList(rx.Component):
    """The signed-in people in a chat, with a search field."""

    library = script("chat/chatter_list.tsx")
    tag = "ChatterList"
    channel: rx.Var[str]
    me: rx.Var[str]
    """The viewer's username; empty: signed out."""
    on_mention: rx.EventHandler[passthrough_event_spec(dict)]
    """With ``{name}``."""


def open_panel(channel_id: str) -> rx.Component:
    """The panel that is open, if one is."""
    return rx.fragment(
        rx.match(
            panel.value,
            ("chatters", _panel("Chatters", _chatters(channel_id))),
            ("muted", _panel("Muted people", *_muted())),
            ("commands", _panel("Chat commands", *_commands())),
            rx.fragment(),
        )
    )


def _panel(title: str, *children: rx.Component) -> rx.Component:
    return Panel.create(*children, title=title, on_close=panel.set_value(""))


def _chatters(channel_id: str) -> rx.Component:
    return ChatterList.create(
        channel=channel_id, me=SessionState.username, on_mention=[mention.set, panel.set_value("")]
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
        rx.el.span(name, class_name="chat__name", style={"--hue": hue_of.call(name)}),
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
