"""The chat's state in the browser: open menus, the message to reply to, and more. Changes send no event to the server.

Reflex's ``ClientStateVar`` is not used because it leaks memory: the page never releases the setter of a component.
"""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionStringVar

from streaming_app.components.typescript_modules import script

_CHOSEN = script("chat/chosen.ts")
_FEED = script("feed/feed_client.ts")


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
class Chosen:
    """The values. A value is null or empty if nothing is chosen."""

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
    jump: dict[str, str]
    """``{id}``: a new object scrolls to this message or, without an id, to the newest one."""
    search: str
    """The search text in the list of chatters."""
    pin_is_open: bool
    """Whether the pinned message is expanded."""
    pin_is_cut: bool
    """Whether the pinned message is longer than two lines."""


@dataclass(frozen=True)
class Preferences:
    """The viewer's preferences for all chats in this browser."""

    muted: list[str]
    times: bool


def browser_function(name: str, library: str) -> Any:
    """Return a Var of a function that ``library`` exports. It can handle events, after ``partial`` with arguments."""
    return FunctionStringVar.create(name, _var_data=VarData(imports={library: [name]}))


def browser_hook(name: str, call: str, kind: Any, library: str, *given: rx.Var[Any]) -> Any:
    """Return a Var of the result of the hook ``call`` of ``library``; ``given`` are the Vars in its arguments."""
    needs = VarData.merge(*[value._get_all_var_data() for value in given])  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - Reflex has no other way
    data = VarData(hooks={f"const {name} = {call};": needs}, imports={library: [call.partition("(")[0]]})
    return rx.Var(name, _var_type=kind, _var_data=data).guess_type()


chosen: Chosen = browser_hook("chosen", "useChosen()", Chosen, _CHOSEN)
"""A Var of the chat's state in the browser."""
preferences: Preferences = browser_hook(
    "chatPreferences", "usePreferences()", Preferences, script("chat/preferences.ts")
)
"""A Var of the viewer's preferences."""
forget_chosen = browser_function("forgetChosen", _CHOSEN)
search_chatters = browser_function("searchChatters", _CHOSEN)


def choose(**change: Any) -> Any:
    """Return an event handler that changes fields of ``Chosen``."""
    return browser_function("choose", _CHOSEN).partial(change)


def feed_part(path: str | rx.Var[str], key: str, kind: Any) -> Any:
    """Return a Var of the field ``key`` of the snapshot that ``feed_client`` keeps of the feed at ``path``."""
    given = rx.Var.create(path)
    call = f"useFeedPart({given!s}, ({{ {key} }}) => {key})"
    return browser_hook(f"feed_{key}", call, kind, _FEED, given)
