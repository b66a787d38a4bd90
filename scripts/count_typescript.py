"""Counts the lines of TypeScript that are neither blank nor comment, and exits with 1 if there are too many.

``python -m scripts.count_typescript``. Decision 38 explains the limit.
"""

import re
import sys
from pathlib import Path

LINES_MAX = 3790
ROOT = Path(__file__).parent.parent
_BLOCK_COMMENT = re.compile(r"\{?/\*.*?\*/\}?", re.DOTALL)


def code_lines(source: str) -> int:
    """Return the number of lines of code in the source of a module."""
    lines = map(str.strip, _BLOCK_COMMENT.sub("", source).splitlines())
    return sum(bool(line) and not line.startswith("//") for line in lines)


def main() -> int:
    """Count the lines of all modules."""
    modules = [
        ROOT / "assets/site.js",
        ROOT / "streaming_app/backend/api/early_playback.js",
        *(ROOT / "streaming_app").rglob("*.ts"),
        *(ROOT / "streaming_app").rglob("*.tsx"),
    ]
    total = sum(code_lines(path.read_text("utf-8")) for path in modules)
    if total > LINES_MAX:
        print(
            f"{len(modules)} TypeScript modules have {total} lines of code. The limit is {LINES_MAX}: see decision 38."
        )
    return int(total > LINES_MAX)


if __name__ == "__main__":
    sys.exit(main())
