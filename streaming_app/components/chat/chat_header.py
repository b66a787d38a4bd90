"""The header of the chat: its title, and the menu with actions for the whole chat."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.chat.browser_state import preferences, set_preferences, set_ui, ui
from streaming_app.components.chat.menu_actions import open_window
from streaming_app.components.chat.popup_elements import menu, menu_item
from streaming_app.components.layout import nav_link
from streaming_app.state.chat import ChatState

_WINDOW = "popup,width=420,height=760"
_BUTTON = "chat-menu-button"


def chat_header(slug: str, *, is_alone: bool) -> rx.Component:
    """The header of the chat of the channel ``slug``. ``is_alone`` is true if the chat is the whole page."""
    return rx.el.header(
        rx.el.h2("Chat", class_name="chat__title"),
        rx.el.button(
            rx.icon("ellipsis-vertical"),
            type="button",
            id=_BUTTON,
            disabled=slug == "",
            on_click=set_ui(menu=True),
            aria_haspopup="menu",
            aria_expanded=ui.menu,
            aria_label="Chat menu",
            class_name="btn btn--icon btn--sm",
        ),
        rx.cond(ui.menu, _menu(slug, is_alone=is_alone)),
        class_name="chat__head",
    )


def _menu(slug: str, *, is_alone: bool) -> rx.Component:
    muted = rx.Var.create(preferences.muted).length()
    count = rx.cond(muted > 0, rx.fragment(f" ({muted})"))
    pop_out = open_window.partial(routes.chat(slug), "chat-" + slug, _WINDOW)
    return menu(
        rx.fragment() if is_alone else menu_item("picture-in-picture-2", "Pop out", pop_out),
        menu_item("users", "Chatters", set_ui(panel="chatters", search="")),
        menu_item(
            "clock",
            rx.fragment(
                "Timestamps", rx.cond(preferences.times, rx.el.span("✓", class_name="popup__mark", aria_hidden="true"))
            ),
            set_preferences.partial({"times": ~rx.Var.create(preferences.times)}),
            role="menuitemcheckbox",
            aria_checked=preferences.times,
        ),
        menu_item("eye-off", rx.el.span("Muted people", count), set_ui(panel="muted")),
        rx.cond(
            rx.Var.create(ChatState.commands).length() > 0,
            menu_item("square-slash", "Commands", set_ui(panel="commands")),
        ),
        rx.cond(
            ChatState.is_moderator,
            nav_link(
                rx.icon("shield-check"),
                "Moderation",
                to=routes.moderation(slug),
                target="_blank" if is_alone else "_self",
                role="menuitem",
                tab_index=-1,
                class_name="menu__item",
            ),
        ),
        anchor=f"#{_BUTTON}",
        label="Chat",
        on_close=set_ui(menu=False),
    )
