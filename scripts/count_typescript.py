"""Counts the lines of TypeScript that are neither blank nor comment, and exits with 1 if there are too many.

``python -m scripts.count_typescript``. Decision 38 explains the limits.
"""

import re
import sys
from pathlib import Path

PAGES_MAX = 2420
"""Lines of the pages: everything except the real-time player."""
REALTIME_MAX = 1260
ROOT = Path(__file__).parent.parent
_REALTIME_FOLDER = ROOT / "streaming_app/components/player/realtime"
_EARLY_PLAYBACK = ROOT / "streaming_app/backend/api/early_playback.js"
_BLOCK_COMMENT = re.compile(r"\{?/\*.*?\*/\}?", re.DOTALL)


def code_lines(source: str) -> int:
    """Return the number of lines of code in the source of a module."""
    lines = map(str.strip, _BLOCK_COMMENT.sub("", source).splitlines())
    return sum(bool(line) and not line.startswith("//") for line in lines)


def main() -> int:
    """Count the lines of all modules."""
    modules = {
        ROOT / "assets/site.js",
        *(ROOT / "streaming_app").rglob("*.ts"),
        *(ROOT / "streaming_app").rglob("*.tsx"),
    }
    realtime = {path for path in modules if _REALTIME_FOLDER in path.parents}
    parts = [
        ("of the pages", modules - realtime, PAGES_MAX),
        ("of the real-time player", realtime | {_EARLY_PLAYBACK}, REALTIME_MAX),
    ]
    return max([_check(*part) for part in parts])


def _check(what: str, modules: set[Path], limit: int) -> int:
    """Print a message and return 1 if the modules have more lines than the limit."""
    total = sum(code_lines(path.read_text("utf-8")) for path in modules)
    if total > limit:
        print(
            f"{len(modules)} TypeScript modules {what} have {total} lines of code, more than {limit}: see decision 38."
        )
    return int(total > limit)


if __name__ == "__main__":
    sys.exit(main())
