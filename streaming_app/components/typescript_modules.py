"""The TypeScript modules of this folder in Reflex's pages: their import paths, and Vars of what they export.

The folders below ``assets/external`` are the same as here. So an import between two modules resolves to the same file
for the bundler, the type checker and Node's test runner.
"""

from pathlib import Path
from typing import Any

import reflex as rx
from reflex.constants import Dirs
from reflex.vars import VarData
from reflex.vars.function import FunctionStringVar

_FOLDER = Path(__file__).parent
_SHARED = f"{Dirs.EXTERNAL_APP_ASSETS}/{__name__.replace('.', '/')}"


def _share_scripts() -> None:
    """Link the files that are not linked yet.

    For each file, ``rx.asset`` inspects the whole call stack. For all files, this was two thirds of the start of a
    process.
    """
    for file in sorted(_FOLDER.rglob("*.[jt]s*")):
        name = file.relative_to(_FOLDER)
        link = Path(Dirs.APP_ASSETS, _SHARED, name)
        if link.resolve() != file.resolve():
            link.parent.mkdir(parents=True, exist_ok=True)
            rx.asset(str(name), shared=True)


def script(name: str) -> str:
    """Return the import path of ``name``, a module such as ``player/live_player.tsx``."""
    return f"$/public/{_SHARED}/{name}"


def browser_function(name: str, library: str) -> Any:
    """Return a Var of a function that ``library`` exports. It can handle events, after ``partial`` with arguments."""
    return FunctionStringVar.create(name, _var_data=VarData(imports={library: [name]}))


def browser_hook(name: str, hook: str, kind: Any, library: str, *arguments: Any) -> Any:
    """Return a Var, ``name`` in the page, of what ``hook`` of ``library`` returns for these arguments."""
    given = [rx.Var.create(argument) for argument in arguments]
    needs = VarData.merge(*[value._get_all_var_data() for value in given])  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - Reflex has no other way
    call = f"const {name} = {hook}({', '.join(str(value) for value in given)});"
    return rx.Var(name, _var_type=kind, _var_data=VarData(hooks={call: needs}, imports={library: [hook]})).guess_type()


_share_scripts()
