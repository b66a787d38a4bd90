"""Environments of child processes that process untrusted input contain no secrets."""

import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from streaming_app.backend.config import SECRET, Settings
from streaming_app.backend.media.bitrate_ladder import Rung
from streaming_app.backend.media.thumbnails import Keyframe, ThumbnailError, make_thumbnail
from streaming_app.backend.packager.transcoder import Transcoder
from streaming_app.backend.settings_environment import as_environment
from streaming_app.backend.subprocess_environment import plain_environment
from tests.rig.media_frames import VIDEO

KEY = "k" * 40


@pytest.fixture
def seen_by_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """File to which the script in place of ffmpeg writes its environment."""
    seen = tmp_path / "seen"
    program = tmp_path / "bin/ffmpeg"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nenv > {seen}\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("SECRET_KEY", KEY)
    return seen


async def test_the_ffmpeg_of_thumbnails_gets_no_secret(seen_by_ffmpeg: Path, tmp_path: Path) -> None:
    video = tmp_path / "1.ts"
    video.touch()

    with pytest.raises(ThumbnailError):
        await make_thumbnail(Keyframe((video,), 0.0), tmp_path / "picture.jpg")

    _is_plain(seen_by_ffmpeg)


async def test_the_ffmpeg_of_renditions_gets_no_secret(seen_by_ffmpeg: Path) -> None:
    transcoder = Transcoder([Rung(240, 400, "3.0")], VIDEO, 0, lambda *_: None, time.monotonic)

    await transcoder.run()

    assert transcoder.has_failed
    _is_plain(seen_by_ffmpeg)


def _is_plain(environment: Path) -> None:
    assert "PATH=" in environment.read_text()
    assert KEY not in environment.read_text()


def test_child_processes_get_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path / "data",
            "secret_key": KEY,
            "mongo_url": "mongodb://ann:pass@127.0.0.1/site",
            "kafka_bootstrap_servers": "127.0.0.1:9092",
            "supervise": "none",
            "reconnect_grace": "2.5",
            "rtmp_callback_networks": "10.0.0.0/8,::1/128",
        }
    )

    for name, value in as_environment(settings, with_secrets=True).items():
        monkeypatch.setenv(name, value)

    assert Settings() == settings


def test_the_environment_without_secrets_keeps_video_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    settings = Settings.model_validate(
        {"data_dir": tmp_path, "secret_key": KEY, "mongo_url": "mongodb://ann:pass@127.0.0.1/site", "live_window": 60}
    )
    secret = {name for name, value in settings if isinstance(value, SecretStr)}

    environment = as_environment(settings, with_secrets=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert secret == {"secret_key", "mongo_url"}
    assert not [value for value in environment.values() if KEY in value or "pass" in value]
    assert Settings().live_window == settings.live_window


def test_the_environment_without_secrets_is_valid_on_a_site_that_sends_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    mail = {"smtp_url": "smtp://ann:pass@127.0.0.1", "mail_from": "site@example.com", "require_confirmed_email": "true"}
    settings = Settings.model_validate({"data_dir": tmp_path, "public_url": "https://live.example.com", **mail})

    environment = as_environment(settings, with_secrets=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert Settings().public_url == settings.public_url
    assert not [value for value in environment.values() if "pass" in value]


def test_every_secret_setting_is_left_out() -> None:
    secret = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}

    assert secret
    assert secret - SECRET == {"ingest_secret"}  # the packager reads /stat


def test_the_plain_environment_has_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setenv("LC_TIME", "C.UTF-8")

    assert "LC_TIME" in plain_environment()
    assert not {name.lower() for name in plain_environment()} & set(Settings.model_fields)
