"""The walk-through for operators, ``docs/operate.md``: its commands, files and settings exist."""

import re
import subprocess
from pathlib import Path

from streaming_app.backend.config import Settings
from tests.rig.prometheus import ROOT

TEXT = (ROOT / "docs/operate.md").read_text(encoding="utf-8")
SCRIPTS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
SHELL_SCRIPTS = sorted((ROOT / "deploy").glob("*.sh"))


def syntax_errors(script: str) -> str:
    """Return what the shell says about the syntax of a script; nothing if it is right."""
    return subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False).stderr  # noqa: S607


def test_the_commands_are_valid_shell() -> None:
    scripts = [*SCRIPTS, *(file.read_text(encoding="utf-8") for file in SHELL_SCRIPTS)]

    assert len(SCRIPTS) > 5
    assert [errors for script in scripts if (errors := syntax_errors(script))] == []


def test_all_files_exist() -> None:
    links = re.findall(r"\]\(([^):#]+)", TEXT)
    files = re.findall(r"(?<![\w/])(?:deploy|scripts)/[\w./-]+\w", "\n".join(SCRIPTS))

    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_all_settings_exist() -> None:
    rehearsal = (ROOT / "deploy/streaming_app-rehearsal.env").read_text(encoding="utf-8")
    settings = re.findall(r"^(?:# )?([A-Z_]+)=", "\n".join([*SCRIPTS, rehearsal]), re.MULTILINE)

    assert "PUBLIC_URL" in settings
    assert {name for name in settings if name.lower() not in Settings.model_fields} == set()


def test_the_commands_that_run_the_site_as_a_service_are_the_same_everywhere() -> None:
    unit = (ROOT / "deploy/streaming_app.service").read_text(encoding="utf-8")
    command = Path(ROOT / "deploy/streaming_app.sh").read_text(encoding="utf-8")
    [data_dir] = re.findall(r"DATA_DIR=(\S+)", unit)
    [files] = re.findall(r"LimitNOFILE=(\d+)", unit)

    assert f"--setenv=DATA_DIR={data_dir} " in command
    assert f"LimitNOFILE={files} " in command
