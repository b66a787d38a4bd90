"""What the viewer has opened and chosen in the chat. These values live in the browser: no event goes to the server."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.experimental.client_state import ClientStateVar
from reflex.vars import VarData

from streaming_app.components.scripts import script

NOTHING = rx.Var("null")
"""What a value is that has not been chosen."""


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
class Preferences:
    """What the viewer set for all chats in this browser."""

    muted: list[str]
    times: bool


def _nothing(kind: Any) -> Any:
    return rx.Var("null", _var_type=kind)


chat_menu = ClientStateVar.create("chatMenu", default=False)
"""Whether the menu of the chat is open."""
panel = ClientStateVar.create("chatPanel", default="")
"""The open panel: ``chatters``, ``muted`` or ``commands``; empty: none."""
opened = ClientStateVar.create("chatMessage", _nothing(Message))
"""The message whose menu is open."""
question = ClientStateVar.create("chatQuestion", _nothing(Question))
"""What an open confirm dialog asks."""
reply = ClientStateVar.create("chatReply", _nothing(Message))
"""The message that the next one answers."""
mention = ClientStateVar.create("chatMention", _nothing(dict))
"""The name to write into the box: ``{name}``, a new object each time."""


_PREFERENCES = script("chat/preferences.ts")


def _hook(name: str, call: str, kind: Any, library: str, given: VarData | None = None) -> Any:
    data = VarData(hooks={f"const {name} = {call};": given}, imports={library: [call.partition("(")[0]]})
    return rx.Var(name, _var_type=kind, _var_data=data).guess_type()


preferences: Preferences = _hook("chatPreferences", "usePreferences()", Preferences, _PREFERENCES)
"""A Var."""


def forgotten() -> list[Any]:
    """Return the event handlers that reset all values, for when the chat is left."""
    chosen = [value.set_value(NOTHING) for value in (opened, question, reply, mention)]
    return [chat_menu.set_value(value=False), panel.set_value(""), *chosen]


def feed_part(path: str | rx.Var[str], key: str, kind: Any) -> Any:
    """Return a Var of one field of what the feed at ``path`` has told, as ``feed_client`` names it."""
    given = rx.Var.create(path)
    call = f"useFeedPart({given!s}, ({{ {key} }}) => {key})"
    return _hook(f"feed_{key}", call, kind, FEED, given._get_all_var_data())  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - Reflex has no other way


FEED = script("feed/feed_client.ts")
