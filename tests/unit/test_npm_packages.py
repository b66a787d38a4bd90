"""Versions of npm packages, and generated types."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def versions(lock: Path) -> dict[str, str]:
    """Return the packages of a lock file with their versions."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {name: package["version"] for name, package in packages.items() if name}


def test_checks_and_pages_use_the_same_versions_of_npm_packages() -> None:
    checked = versions(ROOT / "package-lock.json")
    built = versions(ROOT / "reflex.lock/package-lock.json")

    shared = checked.keys() & built.keys()

    assert {"node_modules/media-chrome", "node_modules/hls.js", "node_modules/react"} <= shared
    assert {name: checked[name] for name in shared} == {name: built[name] for name in shared}


def test_types_shared_by_server_and_pages_are_current() -> None:
    check = [sys.executable, "-m", "scripts.generate_types", "--check"]

    result = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own script

    assert result.returncode == 0, result.stderr
