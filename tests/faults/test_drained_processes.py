"""Two web processes stop one after the other under load: every message is accepted once, and read once by everybody."""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.kafka import make_topics
from streaming_app.backend.adapters.web_processes import name_of, web_processes_of
from streaming_app.backend.bootstrap import Backend, now, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.events import CHAT_TOPIC
from streaming_app.backend.supervisor.programs import web_command
from tests.faults.conftest import Program
from tests.rig.conditions import until, until_async
from tests.rig.feed_reader import Reader, reading
from tests.rig.kafka import Kafka
from tests.rig.nginx import running_front
from tests.rig.ports import HOST, free_port, free_ports
from tests.rig.processes import stop_all
from tests.rig.redis import Redis

VIEWERS = 300
LINES_PER_SECOND = 20
WITHOUT_PAGES = {"REFLEX_ENV_MODE": "prod", "__REFLEX_SKIP_COMPILE": "true"}
"""Environment of a web process without pages, which need not be built then."""
TRY_AGAIN = {502, 503}


@pytest.fixture
def environment(kafka: Kafka, topic_prefix: str, mongo_url: str, own_redis: Redis, tmp_path: Path) -> dict[str, str]:
    """Environment variables of every process of the site."""
    return {
        "SECRET_KEY": "k" * 40,
        "MONGO_URL": mongo_url,
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "KAFKA_TOPIC_PREFIX": topic_prefix,
        "REDIS_URL": own_redis.url,
        "DATA_DIR": str(tmp_path / "data"),
        "LIVE_DIR": str(tmp_path / "live"),
        "BIND_HOST": HOST,
        "HTTP_PORT": str(free_port()),
        "WEB_PORT": str(free_port()),
        "FEED_PORT": str(free_port()),
        "WEB_PROCESSES": "2",
        "MORE_WEB_PORT": str(free_ports(2)),
        "CHAT_BURST": "100000",
        "API_BURST": "100000",
        "SUPERVISE": "none",
    }


@pytest.fixture
async def backend(environment: dict[str, str], kafka: Kafka, topic_prefix: str) -> AsyncIterator[Backend]:
    """The backend of the archiver."""
    await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=2, replication=1)
    settings = Settings.model_validate({name.lower(): value for name, value in environment.items()})
    async with (
        open_backend(settings) as backend,
        backend.bus.subscribe([CHAT_TOPIC], backend.chat_archiver.handle, group="chat-archiver"),
    ):
        yield backend


@pytest.fixture
def webs(backend: Backend, environment: dict[str, str], tmp_path: Path) -> Iterator[list[Program]]:
    """Two running web processes with their feeds."""
    found: list[Program] = []
    for web in web_processes_of(backend.settings):
        ports = {"WEB_PORT": str(web.web_port), "FEED_PORT": str(web.feed_port), "WEB_PROCESS": str(web.web_process)}
        own = {**environment, **WITHOUT_PAGES, **ports, "WEB_PROCESSES": "1"}
        found.append(Program(name_of(web), web_command(web), own, tmp_path, web.web_port))
    try:
        for web in found:
            web.launch()
        for web in found:
            web.wait_until_up()
        yield found
    finally:
        stop_all([web.process for web in found if web.starts])


async def test_web_processes_that_stop_one_after_the_other_lose_and_double_no_message(
    backend: Backend, webs: list[Program]
) -> None:
    channel_id, token = await _channel_and_token(backend)
    settings = backend.settings
    readers = [Reader([settings.http_port], channel_id, seed) for seed in range(VIEWERS)]
    with running_front(settings):
        async with reading(readers):
            said: list[str] = []
            stop = asyncio.Event()
            talking = asyncio.create_task(_talk(settings.http_port, channel_id, token, said, stop))

            for number, web in enumerate(webs):
                await _wait_for_more(said)
                web.process.signal(signal.SIGTERM)
                assert await asyncio.to_thread(web.process.wait_until_ended) == 0
                await _wait_for_more(said)
                if number == 0:
                    await asyncio.to_thread(web.start)
            await _wait_for_more(said)
            stop.set()
            await talking

            async def is_archived() -> bool:
                return set(said) <= {message.text for message in await backend.chat.recent(channel_id, 2 * len(said))}

            await until_async(is_archived, "all messages were archived")
            archive = await backend.chat.recent(channel_id, 2 * len(said))
            ids = [message.message_id for message in archive]
            await until(lambda: all(reader.ids[-1:] == ids[-1:] for reader in readers), "all had read the last message")

    assert sorted(message.text for message in archive) == sorted(said)
    assert [reader.ids for reader in readers] == [ids] * VIEWERS
    assert sum(reader.welcomes for reader in readers) >= 2 * VIEWERS, "everybody was moved"


async def _channel_and_token(backend: Backend) -> tuple[str, str]:
    unique = uuid4().hex
    owner = User(unique, f"ada{unique[:8]}", f"{unique}@example.com", "", now())
    await backend.store.users.add(owner)
    channel_id = (await backend.channels.get_or_create(owner)).channel_id
    return channel_id, await backend.api_tokens.create(owner.user_id, NewToken("test", ("chat:write",), "7"))


async def _talk(port: int, channel_id: str, token: str, said: list[str], stop: asyncio.Event) -> None:
    """Post messages until ``stop`` is set. A message without a receipt is sent again with the same id."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=f"http://{HOST}:{port}", headers=headers, timeout=60, trust_env=False
    ) as client:
        for number in itertools.count():
            if stop.is_set():
                return
            message = {"text": f"line {number}", "id": f"line-{number:08}"}
            while True:
                answer = await client.post(f"/api/channels/{channel_id}/messages", json=message)
                if answer.status_code not in TRY_AGAIN:
                    break
            assert answer.status_code == 201, answer.text
            said.append(message["text"])
            await asyncio.sleep(1 / LINES_PER_SECOND)


async def _wait_for_more(said: list[str]) -> None:
    known = len(said)
    await until(lambda: len(said) >= known + LINES_PER_SECOND // 2, "more messages were accepted")
