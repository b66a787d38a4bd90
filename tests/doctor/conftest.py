"""An installation without faults whose site does not run."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from streaming_app.backend.__main__ import main
from streaming_app.backend.adapters.site_secret import open_secrets
from streaming_app.backend.config import Settings
from tests.rig.ports import HOST
from tests.rig.site import choose_ports


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings of an installation with a database, a secret key and a backup."""
    settings = {
        "DATA_DIR": str(tmp_path / "data"),
        "LIVE_DIR": str(tmp_path / "live"),
        "BIND_HOST": HOST,
        "METRICS_PORT": "0",
        "FEED_MAX_CONNECTIONS": "100",
        "RECORDING_RESERVE": "50MB",
        **{name: str(port) for name, port in choose_ports().items()},
    }
    with monkeypatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        for name, value in settings.items():
            patch.setenv(name, value)
        patch.chdir(tmp_path)
        open_secrets(Settings())
        assert main(["indexes"]) == 0
        assert main(["backup", f"{tmp_path}/data/backups/{datetime.now(UTC):%F}"]) == 0
    return settings
