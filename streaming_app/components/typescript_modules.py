"""The import paths of this folder's TypeScript modules in Reflex's pages.

The folders below ``assets/external`` are the same as here. So an import between two modules resolves to the same file
for the bundler, the type checker and Node's test runner.
"""

from pathlib import Path

import reflex as rx
from reflex.constants import Dirs

_FOLDER = Path(__file__).parent
_SHARED = f"{Dirs.EXTERNAL_APP_ASSETS}/{__name__.replace('.', '/')}"


def _share_scripts() -> None:
    for file in sorted(_FOLDER.rglob("*.[jt]s*")):
        name = file.relative_to(_FOLDER)
        Path(Dirs.APP_ASSETS, _SHARED, name.parent).mkdir(parents=True, exist_ok=True)
        rx.asset(str(name), shared=True)


def script(name: str) -> str:
    """Return the import path of ``name``, a module such as ``player/live_player.tsx``."""
    return f"$/public/{_SHARED}/{name}"


_share_scripts()
