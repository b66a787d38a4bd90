"""Choice of adapters by settings, refused settings, and the complete backend."""

from collections.abc import Callable
from pathlib import Path

import pytest

from streaming_app.backend import bootstrap
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.mongo import MongoStore, connection
from streaming_app.backend.adapters.sqlite import SqliteStore
from streaming_app.backend.bootstrap import open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import BusUnavailableError, SetupError
from streaming_app.backend.workers import runner
from streaming_app.backend.workers.runner import run_embedded
from tests.rig.password_hashing import with_quick_hashes

KEY = "k" * 40


@pytest.fixture
def new_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

    def new_settings(**values: object) -> Settings:
        return Settings.model_validate({"data_dir": tmp_path / "data", **values})

    return new_settings


async def test_the_default_site_is_one_process_with_one_file(new_settings: Callable[..., Settings]) -> None:
    async with open_backend(new_settings()) as backend:
        assert isinstance(backend.store, SqliteStore)
        assert isinstance(backend.bus, LocalBus)


async def test_a_mongo_url_selects_mongodb(new_settings: Callable[..., Settings], mongo_url: str) -> None:
    async with open_backend(new_settings(mongo_url=mongo_url, secret_key=KEY)) as backend:
        assert isinstance(backend.store, MongoStore)
        assert isinstance(backend.bus, LocalBus)


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"kafka_bootstrap_servers": "kafka:9092", "secret_key": KEY}, "KAFKA_BOOTSTRAP_SERVERS needs MONGO_URL"),
        ({"redis_url": "redis://redis"}, "REDIS_URL needs KAFKA_BOOTSTRAP_SERVERS"),
        (
            {"redis_url": "redis://redis", "mongo_url": "mongodb://mongo", "secret_key": KEY},
            "REDIS_URL needs KAFKA_BOOTSTRAP_SERVERS",
        ),
        ({"web_processes": 2}, "Several web processes .* need REDIS_URL, KAFKA_BOOTSTRAP_SERVERS and MONGO_URL"),
        ({"web_upstreams": "a:1,b:1", "feed_upstreams": "a:2,b:2"}, "Several web processes .* need REDIS_URL"),
        ({"mongo_url": "mongodb://127.0.0.1:1", "secret_key": KEY}, "MongoDB at 127.0.0.1:1 does not answer"),
    ],
)
async def test_conflicting_settings_are_reported_in_one_line(
    new_settings: Callable[..., Settings], values: dict[str, object], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SERVER_SELECTION_MS", 200)
    with pytest.raises(SetupError, match=line) as refused:
        async with open_backend(new_settings(**values)):
            pass

    assert "\n" not in str(refused.value)


async def test_an_unwritable_data_folder_is_reported_in_one_line(new_settings: Callable[..., Settings]) -> None:
    with pytest.raises(SetupError, match=r"streaming\.sqlite3"):
        async with open_backend(new_settings(data_dir=Path("/proc/nothing"))):
            pass


async def test_an_acknowledged_message_is_stored_in_one_process(
    new_settings: Callable[..., Settings],
) -> None:
    settings = with_quick_hashes(new_settings())

    async with open_backend(settings) as backend, run_embedded(backend):
        ann = await backend.accounts.register(Registration("ann", "ann@example.com", "correct horse"), "192.0.2.1")
        channel = await backend.channels.get_or_create(ann)
        await backend.chat.post(channel.channel_id, ann.user_id, "hello")
        kept = await backend.chat.recent(channel.channel_id, 10)

    assert [message.text for message in kept] == ["hello"]
    async with open_backend(settings) as backend:
        assert await backend.chat.recent(channel.channel_id, 10) == kept


async def test_a_second_web_process_with_the_same_data_folder_is_refused_in_one_line(
    new_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PREDECESSOR_SECONDS", 0)
    settings = new_settings()

    async with open_backend(settings) as first, run_embedded(first), open_backend(settings) as second:
        with pytest.raises(SetupError, match=r"Another web process \(\d+\) uses DATA_DIR") as refused:
            async with run_embedded(second):
                pass

    assert "\n" not in str(refused.value)


async def test_chat_without_its_workers_refuses_messages(new_settings: Callable[..., Settings]) -> None:
    async with open_backend(with_quick_hashes(new_settings())) as backend:
        ann = await backend.accounts.register(Registration("ann", "ann@example.com", "correct horse"), "192.0.2.1")
        channel = await backend.channels.get_or_create(ann)
        with pytest.raises(BusUnavailableError):
            await backend.chat.post(channel.channel_id, ann.user_id, "hello")


async def test_sessions_survive_a_restart(new_settings: Callable[..., Settings]) -> None:
    settings = with_quick_hashes(new_settings())

    async with open_backend(settings) as backend:
        ann = await backend.accounts.register(Registration("ann", "ann@example.com", "correct horse"), "192.0.2.1")
        signed_in = await backend.accounts.sessions.redeem(await backend.accounts.sessions.issue_ticket(ann))
    async with open_backend(settings) as backend:
        assert await backend.accounts.sessions.verify(signed_in.token) == ann


def test_now_has_the_precision_of_the_stores() -> None:
    instant = bootstrap.now()

    assert instant.utcoffset() is not None
    assert instant.microsecond % 1000 == 0
