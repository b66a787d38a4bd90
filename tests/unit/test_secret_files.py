"""Secrets in files that ``*_FILE`` variables name."""

from pathlib import Path
from typing import get_args

import pytest
from pydantic import SecretStr

from streaming_app.backend.config import Settings, read_settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.secret_files import FROM_FILES

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in FROM_FILES:
        monkeypatch.delenv(name.upper(), raising=False)


def test_a_secret_is_read_from_its_file_without_the_line_break(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n", encoding="utf-8")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))

    assert read_settings().secret_key == SecretStr(KEY)


def test_env_may_name_the_file_too(tmp_path: Path) -> None:
    (tmp_path / "mongo").write_text("mongodb://me:hunter2@db/site", encoding="utf-8")
    (tmp_path / ".env").write_text(f"MONGO_URL_FILE={tmp_path / 'mongo'}\nSECRET_KEY={KEY}\n", encoding="utf-8")

    assert read_settings().mongo_url == SecretStr("mongodb://me:hunter2@db/site")


def test_the_variable_itself_has_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("f" * 32, encoding="utf-8")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("SECRET_KEY", KEY)

    assert read_settings().secret_key == SecretStr(KEY)


def test_a_file_that_cannot_be_read_is_reported_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", "/nowhere/key")

    with pytest.raises(
        SetupError, match=r"^SECRET_KEY_FILE: /nowhere/key cannot be read \(No such file or directory\)\.$"
    ):
        read_settings()


def test_a_wrong_content_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("hunter2", encoding="utf-8")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))

    with pytest.raises(SetupError, match="SECRET_KEY: use 32 characters or more") as refused:
        read_settings()

    assert "hunter2" not in str(refused.value)


def test_every_secret_setting_can_be_in_a_file() -> None:
    secret = {
        name
        for name, field in Settings.model_fields.items()
        if SecretStr in (field.annotation, *get_args(field.annotation))
    }

    assert secret | {"oidc_providers"} == set(FROM_FILES)
