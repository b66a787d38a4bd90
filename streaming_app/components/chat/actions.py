"""What the items of the chat's menus do. All but ``moderate`` call functions of the browser."""

from typing import Any

from reflex.event import EventSpec
from reflex.vars import VarData
from reflex.vars.function import FunctionStringVar

from streaming_app.components.scripts import script
from streaming_app.state.chat import ChatState


def _function(name: str, library: str = "") -> Any:
    return FunctionStringVar.create(name, _var_data=VarData(imports={library: [name]}) if library else None)


mute = _function("mute", script("chat/preferences.ts"))
unmute = _function("unmute", script("chat/preferences.ts"))
set_preferences = _function("setPreferences", script("chat/preferences.ts"))
hue_of = _function("hueOf", script("chat/text.ts"))
open_window = _function("window.open")


def moderate(
    channel_id: str, action: str, *, name: str = "", message_id: str = "", minutes: str = "", reason: str = ""
) -> EventSpec:
    """Return the event that moderates the chat, as ``ChatState.moderate`` takes it."""
    handler: Any = ChatState.moderate  # Reflex's types know no handler with so many arguments
    return handler(channel_id, action, name, message_id, minutes, reason)
