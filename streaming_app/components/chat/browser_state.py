"""The chat's state in the browser: open menus, the message to reply to, and more. Changes send no event to the server.

Reflex's ``ClientStateVar`` is not used because it leaks memory: the page never releases the setter of a component.
"""

from dataclasses import dataclass
from typing import Any

from streaming_app.components.typescript_modules import browser_function, browser_hook, script

_LIBRARY = script("chat/browser_state.ts")


@dataclass(frozen=True)
class Message:
    """A message of the chat, with fields named as in docs/feed.md."""

    id: str
    name: str
    text: str
    role: str


@dataclass(frozen=True)
class Question:
    """The question of a confirm dialog."""

    kind: str
    name: str
    """The username of the chatter concerned."""


@dataclass(frozen=True)
class UiState:
    """The values. A value is null or empty if nothing is open or chosen."""

    menu: bool
    """Whether the menu of the chat is open."""
    panel: str
    """The open panel: ``chatters``, ``muted`` or ``commands``."""
    opened: Message
    """The message whose menu is open."""
    question: Question
    """The question of the open confirm dialog."""
    reply: Message
    """The message that the next message replies to."""
    mention: dict[str, str]
    """``{name}``: a new object writes the name into the message box."""
    search: str
    """The search text in the list of chatters."""
    pin_is_open: bool
    """Whether the pinned message is expanded."""


@dataclass(frozen=True)
class Preferences:
    """The viewer's preferences for all chats in this browser."""

    muted: list[str]
    times: bool


ui: UiState = browser_hook("uiState", "useUiState", UiState, _LIBRARY)
"""A Var of the chat's state in the browser."""
preferences: Preferences = browser_hook("chatPreferences", "usePreferences", Preferences, _LIBRARY)
"""A Var of the viewer's preferences."""
set_preferences = browser_function("setPreferences", _LIBRARY)
mute = browser_function("mute", _LIBRARY)
unmute = browser_function("unmute", _LIBRARY)
reset_ui = browser_function("resetUiState", _LIBRARY)
close_panel_on_escape = browser_function("closePanelOnEscape", _LIBRARY)


def set_ui(**change: Any) -> Any:
    """Return an event handler that changes fields of ``UiState``."""
    return browser_function("setUiState", _LIBRARY).partial(change)
