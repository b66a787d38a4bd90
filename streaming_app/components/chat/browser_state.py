"""What the viewer has opened and chosen in the chat. These values live in the browser: no event goes to the server.

Reflex's ``ClientStateVar`` would keep each component that ever used one: the page keeps its setter for good.
"""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionStringVar

from streaming_app.components.scripts import script

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
    """What a confirm dialog asks."""

    kind: str
    name: str
    """The chatter that it is about."""


@dataclass(frozen=True)
class Chosen:
    """The values. What is not chosen is null or empty."""

    menu: bool
    """Whether the menu of the chat is open."""
    panel: str
    """The open panel: ``chatters``, ``muted`` or ``commands``."""
    opened: Message
    """The message whose menu is open."""
    question: Question
    """What an open confirm dialog asks."""
    reply: Message
    """The message that the next one answers."""
    mention: dict[str, str]
    """``{name}``: a new object writes the name into the message box."""
    jump: dict[str, str]
    """``{id}``: a new object scrolls to this message or, without an id, to the newest one."""
    search: str
    """What is searched for in the list of chatters."""
    pin_is_open: bool
    """Whether the pinned message is expanded."""
    pin_is_cut: bool
    """Whether two lines are too few for the pinned message."""


@dataclass(frozen=True)
class Preferences:
    """What the viewer set for all chats in this browser."""

    muted: list[str]
    times: bool


def browser_function(name: str, library: str) -> Any:
    """Return a Var of a function that ``library`` exports. It can handle events, after ``partial`` with arguments."""
    return FunctionStringVar.create(name, _var_data=VarData(imports={library: [name]}))


def browser_hook(name: str, call: str, kind: Any, library: str, *given: rx.Var[Any]) -> Any:
    """Return a Var of what the hook ``call`` of ``library`` returns; ``given`` are the Vars in its arguments."""
    needs = VarData.merge(*[value._get_all_var_data() for value in given])  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - Reflex has no other way
    data = VarData(hooks={f"const {name} = {call};": needs}, imports={library: [call.partition("(")[0]]})
    return rx.Var(name, _var_type=kind, _var_data=data).guess_type()


chosen: Chosen = browser_hook("chosen", "useChosen()", Chosen, _CHOSEN)
"""A Var."""
preferences: Preferences = browser_hook(
    "chatPreferences", "usePreferences()", Preferences, script("chat/preferences.ts")
)
"""A Var."""
forget_chosen = browser_function("forgetChosen", _CHOSEN)
search_chatters = browser_function("searchChatters", _CHOSEN)


def choose(**change: Any) -> Any:
    """Return an event handler that changes fields of ``Chosen``."""
    return browser_function("choose", _CHOSEN).partial(change)


def feed_part(path: str | rx.Var[str], key: str, kind: Any) -> Any:
    """Return a Var of one field of what the feed at ``path`` has told, as ``feed_client`` names it."""
    given = rx.Var.create(path)
    call = f"useFeedPart({given!s}, ({{ {key} }}) => {key})"
    return browser_hook(f"feed_{key}", call, kind, _FEED, given)
