"""``.env.example`` documents every setting with its default."""

import re
from pathlib import Path

import pytest

from streaming_app.backend.config import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
LINE = re.compile(r"^# ([A-Z_]+)=(.*)$", re.MULTILINE)


def test_the_example_has_every_variable_once_and_no_other() -> None:
    names = [name for name, _ in LINE.findall(EXAMPLE.read_text(encoding="utf-8"))]

    assert sorted(names) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_shows_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    defaults = Settings()

    Path(".env").write_text(re.sub(LINE, r"\1=\2", EXAMPLE.read_text(encoding="utf-8")), encoding="utf-8")

    assert Settings() == defaults


def test_each_variable_is_explained_above_it() -> None:
    paragraphs = [p for p in EXAMPLE.read_text(encoding="utf-8").split("\n\n") if LINE.search(p)]

    assert [p for p in paragraphs if LINE.match(p.splitlines()[0])] == []
