"""The pop-out chat of a channel, and the chat overlay for encoders."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.chat.chat_pane import chat_pane
from streaming_app.components.chat.stream_overlay import stream_overlay
from streaming_app.components.layout import page
from streaming_app.pages.not_found import not_found_notice
from streaming_app.state.watch import WatchState


def chat() -> rx.Component:
    """The pop-out chat of the channel in the URL."""
    return rx.cond(WatchState.missing, page(not_found_notice("channel")), _chat())


def overlay() -> rx.Component:
    """The newest messages on a transparent background."""
    channel = WatchState.channel
    return rx.el.main(stream_overlay(channel.feed, channel.channel_id), aria_label="Chat")


def register(app: rx.App) -> None:
    """Add both pages to the app."""
    name = WatchState.channel.name
    app.add_page(chat, route=routes.CHAT, title=_title(f"{name}'s chat", name), on_load=WatchState.open)
    app.add_page(overlay, route=routes.OVERLAY, title=_title(f"{name}'s chat overlay", name), on_load=WatchState.open)


def _chat() -> rx.Component:
    channel = WatchState.channel
    return rx.el.main(
        rx.el.h1(f"{channel.name}'s chat", class_name="visually-hidden"),
        chat_pane(
            channel.channel_id,
            channel.feed,
            channel.slug,
            routes.chat(channel.slug),
            is_alone=True,
        ),
        id="main",
        class_name="chat-page",
    )


def _title(words: str, name: str) -> rx.Var[str]:
    return rx.cond(name != "", theme.page_title(words), theme.SITE_NAME)
