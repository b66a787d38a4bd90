"""The search for secrets in logs."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from streaming_app.backend.accounts.api_tokens import PREFIX
from tests.rig.log_scan import secrets_in, secrets_in_logs
from tests.rig.site_accounts import PASSWORD

SECRET = "kJ3_x-9aQ" * 5


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (f"token eyJhbGciOiJI.eyJzdWIiOiIx.{SECRET}", "session token"),
        (f"publish rtmp://host/live/c1?key={SECRET}", "stream key"),
        (f"posted by {PREFIX}{SECRET}", "API token"),
        (f"GET /reset-password#{SECRET}", "secret of a link"),
        (f"GET /oauth/callback?code={SECRET}&state=1", "secret of a link"),
        ("headers: {'cookie': 'theme=dark'}", "cookie"),
        (f"authorization: Bearer {SECRET}", "authorization"),
        (f"refused the password {PASSWORD}", "password"),
        (json.dumps({"event": "failed", "exception": '{"cookie": "theme=dark"}'}), "cookie"),
        (json.dumps({"event": '"authorization": "x"'}), "authorization"),
    ],
)
def test_a_line_with_a_secret_is_found(line: str, name: str) -> None:
    assert (2, name) in secrets_in(f"a harmless line\n{line}")


@pytest.mark.parametrize(
    "line",
    [
        "GET /_event/?token=0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f&EIO=4",
        "Publisher 10 publishes stream 6f9fb7ca49494867b4ddc88ae239a967 of channel d5f29617bbb2436596ae4e3660983ad3",
        '{"action": "password_changed", "actor": "ann", "details": "HeadlessChrome on Linux"}',
        "The session cookie was refused. Authorization failed.",
    ],
)
def test_a_line_without_a_secret_is_accepted(line: str) -> None:
    assert list(secrets_in(line)) == []


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder outside of the run's folder, whose logs are searched too."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


def test_logs_of_servers_are_searched_with_file_and_line(folder: Path) -> None:
    logs = [folder / name for name in ("site.log", "data/nginx/error.log.1", "encoder.log", "0" * 20 + ".log")]
    for log in logs:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(f"up\n?key={SECRET}\n", encoding="utf-8")

    found = secrets_in_logs(folder, clients=[folder / "encoder.log"])

    assert found == [f"{logs[1]}:2: stream key", f"{logs[0]}:2: stream key"]


def test_the_key_of_a_site_is_found_in_its_logs(folder: Path) -> None:
    (folder / "secret.key").write_text(f"{SECRET}\n", encoding="utf-8")
    (folder / "site.log").write_text(f"started with {SECRET}", encoding="utf-8")

    assert secrets_in_logs(folder, clients=[]) == [f"{folder / 'site.log'}:1: key of the site"]


def test_a_key_that_no_site_accepts_is_not_searched_for(folder: Path) -> None:
    (folder / "secret.key").write_text("secret", encoding="utf-8")
    (folder / "site.log").write_text("a secret was created", encoding="utf-8")

    assert secrets_in_logs(folder, clients=[]) == []
