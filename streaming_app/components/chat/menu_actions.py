"""The actions of the items in the chat's menus. All but ``moderate`` call functions in the browser."""

from typing import Any

from reflex.event import EventSpec
from reflex.vars.function import FunctionStringVar

from streaming_app.components.typescript_modules import browser_function, script
from streaming_app.state.chat import ChatState

hue_of = browser_function("hueOf", script("chat/message_text.ts"))
open_window = FunctionStringVar.create("window.open")


def moderate(
    channel_id: str, action: str, *, name: str = "", message_id: str = "", minutes: str = "", reason: str = ""
) -> EventSpec:
    """Return the event that calls ``ChatState.moderate`` with these arguments."""
    handler: Any = ChatState.moderate  # Reflex's types do not support handlers with so many arguments
    return handler(channel_id, action, name, message_id, minutes, reason)
