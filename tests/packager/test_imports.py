"""The packager starts fast, because it imports only what it needs."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS_OF_OTHERS = ("reflex", "fastapi", "motor", "pymongo", "aiokafka", "redis", "opentelemetry", "PIL")


def test_the_packager_imports_no_part_of_other_processes() -> None:
    program = (
        "import sys, streaming_app.backend.packager.__main__\n"
        f"print([name for name in sys.modules if name.partition('.')[0] in {PARTS_OF_OTHERS}])\n"
    )
    output = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert output == "[]\n"
