"""The feed as a process of its own, started as an operator does: chat works, and pages know the number of viewers."""

import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from picows import WSCloseCode

from streaming_app.backend.adapters.kafka import make_topics
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.events import CHAT_TOPIC
from streaming_app.backend.feed.server import open_feed_or_count_viewers
from streaming_app.backend.supervisor import supervise
from tests.feed.conftest import new_user
from tests.rig.conditions import until
from tests.rig.feed_client import connect, connected
from tests.rig.kafka import Kafka
from tests.rig.ports import free_port, is_open
from tests.rig.processes import Process
from tests.rig.site import ROOT

COMMAND = [sys.executable, "-m", "streaming_app.backend", "feed"]


@pytest.fixture
async def environment(kafka: Kafka, topic_prefix: str, mongo_url: str, tmp_path: Path) -> dict[str, str]:
    """Environment variables of all processes of the site."""
    await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=2, replication=1)
    return {
        "SECRET_KEY": "k" * 40,
        "MONGO_URL": mongo_url,
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "KAFKA_TOPIC_PREFIX": topic_prefix,
        "DATA_DIR": str(tmp_path / "data"),
        "FEED": "own",
        "FEED_PORT": str(free_port()),
        "SUPERVISE": "none",
    }


@pytest.fixture
async def web(environment: dict[str, str]) -> AsyncIterator[Backend]:
    """The web process's backend, with an archiver."""
    settings = Settings.model_validate({name.lower(): value for name, value in environment.items()})
    async with (
        open_backend(settings) as backend,
        backend.bus.subscribe([CHAT_TOPIC], backend.chat_archiver.handle, group="chat-archiver"),
        open_feed_or_count_viewers(backend),
    ):
        yield backend


async def test_the_feed_receives_messages_from_the_web_process_and_returns_the_viewer_count(
    web: Backend, environment: dict[str, str], tmp_path: Path
) -> None:
    owner = await new_user(web)
    channel_id = (await web.channels.get_or_create(owner)).channel_id
    feed = Process("feed", COMMAND, tmp_path / "feed.log", environment=environment, folder=ROOT)
    try:
        feed.wait_until_listening(web.settings.feed_port)
        viewer = await connect(web.settings.feed_port, f"/feed/{channel_id}")

        await web.chat.post(channel_id, owner.user_id, "hello")
        await viewer.until(lambda: viewer.texts)
        await until(lambda: web.audience.viewers(channel_id) == 1, "the web process knew of the viewer")
        feed.signal(signal.SIGTERM)

        assert await viewer.has_gone() == WSCloseCode.GOING_AWAY
        assert feed.wait_until_ended() == 0
        assert viewer.texts == ["hello"]
        await until(lambda: web.audience.viewers(channel_id) == 0, "the web process knew that nobody watches")
    finally:
        feed.stop()


async def test_the_supervisor_starts_the_feed_with_the_workers_and_stops_it(
    web: Backend, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)  # the child processes read it
    settings = web.settings.model_copy(update={"supervise": frozenset({"workers"})})
    assert not is_open(settings.feed_port)

    async with supervise(settings):
        await until(lambda: is_open(settings.feed_port), "the feed listened")
        channel_id = (await web.channels.get_or_create(await new_user(web))).channel_id
        async with connected(settings.feed_port, f"/feed/{channel_id}") as viewer:
            assert viewer.welcome["messages"] == []

    assert not is_open(settings.feed_port)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"FEED": "own"}, "FEED=own needs KAFKA_BOOTSTRAP_SERVERS (and MONGO_URL)"),
        ({"FEED": "web"}, "The web process serves the feed. Set FEED=own"),
        ({"FEED": "other"}, "FEED: Input should be 'web' or 'own'"),
    ],
)
def test_an_invalid_start_is_refused_in_one_line(tmp_path: Path, changes: dict[str, str], words: str) -> None:
    settings = {"DATA_DIR": str(tmp_path / "data"), "FEED_PORT": str(free_port()), **changes}
    feed = Process("feed", COMMAND, tmp_path / "feed.log", environment=settings, folder=ROOT)

    assert feed.wait_until_ended() == 1
    assert words in feed.output()
    assert len(feed.output().splitlines()) == 1
