"""The component that runs the commands of ``state/page_commands.py`` in the page."""

import reflex as rx
from reflex.vars import VarData
from reflex_base.constants.compiler import CompileVars

from streaming_app.components.typescript_modules import script
from streaming_app.state.page_commands import COMMANDS_ID

_LIBRARY = script("page_commands.tsx")
_SEND_EVENT = rx.Var(
    f"(name, payload) => eventLoop.addEvents([{CompileVars.TO_EVENT}(name, payload)])",
    _var_data=VarData(imports={"$/utils/context-registry": ["eventLoop"], "$/utils/state": [CompileVars.TO_EVENT]}),
)


class PageCommands(rx.Component):
    """Runs the functions that the server names; shows nothing."""

    library = _LIBRARY
    tag = "PageCommands"


def page_commands() -> rx.Component:
    """Return the component, which each page contains once."""
    return PageCommands.create(id=COMMANDS_ID, custom_attrs={"onAnswer": _SEND_EVENT})
