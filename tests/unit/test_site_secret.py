"""The site's secret and its derived keys."""

import stat
from pathlib import Path

import pytest

from streaming_app.backend.adapters.site_secret import KEY_FILE, Secrets, open_secrets
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError


def settings_in(folder: Path) -> Settings:
    return Settings(data_dir=folder, secret_key=None)


def test_the_first_start_creates_a_secret_readable_by_its_owner_only(tmp_path: Path) -> None:
    open_secrets(settings_in(tmp_path / "data"))

    kept = tmp_path / "data" / KEY_FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(kept.read_text().strip()) >= 64
    assert [path.name for path in kept.parent.iterdir()] == [KEY_FILE]


def test_the_next_start_reads_the_same_secret(tmp_path: Path) -> None:
    first, second = open_secrets(settings_in(tmp_path)), open_secrets(settings_in(tmp_path))

    assert first.derive("sessions") == second.derive("sessions")


def test_two_sites_have_different_secrets(tmp_path: Path) -> None:
    one, other = open_secrets(settings_in(tmp_path / "one")), open_secrets(settings_in(tmp_path / "other"))

    assert one.derive("sessions") != other.derive("sessions")


def test_a_secret_from_the_settings_writes_no_file(tmp_path: Path) -> None:
    given = Settings.model_validate({"data_dir": tmp_path, "secret_key": "k" * 32})

    assert open_secrets(given).derive("sessions") == Secrets("k" * 32).derive("sessions")
    assert list(tmp_path.iterdir()) == []


def test_each_purpose_has_its_own_key() -> None:
    secrets = Secrets("k" * 32)

    assert secrets.derive("sessions") == secrets.derive("sessions")
    assert secrets.derive("sessions") != secrets.derive("stream keys")
    assert len(secrets.derive("sessions")) == 32


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff\xfe" * 40])
def test_a_damaged_secret_stops_the_start_and_names_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(content)

    with pytest.raises(SetupError, match=KEY_FILE) as stopped:
        open_secrets(settings_in(tmp_path))

    assert "\n" not in str(stopped.value)


def test_a_data_folder_that_is_a_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")

    with pytest.raises(SetupError, match="cannot be read or written"):
        open_secrets(settings_in(tmp_path / "data"))
