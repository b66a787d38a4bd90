"""A site with data in every table, for backups: on SQLite and on MongoDB."""

import os
import re
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.backups.backup import back_up
from streaming_app.backend.backups.manifest import Manifest
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from tests.conftest import MONGO_SERVERS
from tests.rig.ffmpeg import recorded_flv
from tests.rig.full_account import FullAccount, fill_account
from tests.rig.mongo import drop_database, with_database
from tests.rig.recorded_video import record
from tests.rig.stored_values import rows_of

PASSWORD = "correct horse"
KEY = "k" * 40
HASH_COST = 10
"""The lowest cost of password hashes that a site accepts."""
ROOT = Path(__file__).parents[2]

NewSettings = Callable[[str], Settings]


@pytest.fixture(params=["sqlite", *MONGO_SERVERS])
def new_settings(request: pytest.FixtureRequest, tmp_path: Path) -> NewSettings:
    """A function that returns the settings of an empty site with its own folder and database."""
    if request.param == "sqlite":
        return lambda name: Settings(data_dir=tmp_path / name, password_hash_cost=HASH_COST)
    is_real = request.param == "real-mongodb"
    server = os.environ["TEST_MONGO_URL"] if is_real else request.getfixturevalue("mongo_java_server")

    def settings_of(name: str) -> Settings:
        address = with_database(server, f"test-{uuid.uuid4().hex[:12]}-{name}")
        request.addfinalizer(lambda: drop_database(address))
        values = {"data_dir": tmp_path / name, "mongo_url": address, "secret_key": KEY, "password_hash_cost": HASH_COST}
        return Settings.model_validate(values)

    return settings_of


@dataclass
class Site:
    """A running site with accounts, chat, pictures and a recording."""

    backend: Backend
    account: FullAccount
    user: User
    """Has a password and a stream key."""
    stream_key: str
    folder: Path
    """The folder of the recording."""

    async def back_up(self, target: Path) -> Manifest:
        return await back_up(self.backend.settings, target, with_recordings=True, with_secret_key=True)


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What an encoder sends in two seconds."""
    return recorded_flv(tmp_path_factory.mktemp("video") / "sent.flv", seconds=2)


@pytest.fixture
async def site(new_settings: NewSettings, tmp_path: Path, video: bytes) -> AsyncIterator[Site]:
    settings = new_settings("old")
    async with open_backend(settings) as backend:
        account = await fill_account(backend.store)
        await fill_account(backend.store, 1)
        user = await backend.accounts.register(Registration("Cleo", "cleo@example.com", PASSWORD), "192.0.2.1")
        await backend.channels.get_or_create(user)
        folder = settings.data_dir / f"recordings/stream-{account.channel.channel_id}"
        record(folder, tmp_path / "live", [video])
        (folder / "poster.jpg").write_bytes(b"poster")
        yield Site(backend, account, user, await backend.channels.stream_key(user.user_id), folder)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Path of the backup. The folder does not exist yet."""
    return tmp_path / "backups" / "today"


def tree(folder: Path) -> set[str]:
    """Return the relative paths of everything in a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


async def sorted_rows(store: Store) -> dict[str, list[str]]:
    """Return all rows of all tables or collections in an order that does not depend on when they were written."""
    return {table: sorted(rows) for table, rows in (await rows_of(store)).items()}


def run_killed(environment: dict[str, str], folder: Path, *words: str) -> int:
    """Run the command until it is not killed, see ``tests.rig.killed_commands``. Return the number of kills."""
    command = [sys.executable, "-m", "tests.rig.killed_commands", str(folder), *words]
    variables = {**os.environ, **environment}
    run = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)  # noqa: S603
    assert run.returncode == 0, run.stderr
    found = re.search(r"killed (\d+) times", run.stdout)
    assert found
    return int(found[1])
