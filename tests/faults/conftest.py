"""A site with its own topics and database: two web processes with nothing but chat, and an archiver."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from streaming_app.backend.adapters.kafka import make_topics
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from tests.rig.kafka import Kafka
from tests.rig.ports import HOST, free_port
from tests.rig.processes import Process, stop_all
from tests.rig.site import ROOT

START_SECONDS = 300
"""Maximum time for a start. Generous, because machines may be busy."""


@dataclass
class Program:
    """A process of the site that can be killed and restarted."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    port: int | None = None
    """Port that is open when the process is up."""
    starts: int = 0
    process: Process = field(init=False)

    def start(self) -> None:
        """Start the process, and wait until it is up."""
        self.launch()
        self.wait_until_up()

    def launch(self) -> None:
        """Start the process without waiting for it."""
        self.starts += 1
        log = self.folder / f"{self.name}-{self.starts}.log"
        self.process = Process(self.name, self.command, log, environment=self.environment, folder=ROOT)

    def wait_until_up(self) -> None:
        """Wait until the process listens on its port, or says that it runs."""
        if self.port:
            self.process.wait_until_listening(self.port, START_SECONDS)
        else:
            self.process.wait_until_said("runs")


@dataclass
class Web(Program):
    """A web process with a feed and writers."""

    feed_port: int = 0
    taken: list[str] = field(default_factory=list[str])
    """Texts that this process has accepted."""

    async def talk(self, channel_id: str, rate: float, count: int) -> None:
        """Post ``count`` messages, or until the process is killed."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        wanted = {"channel_id": channel_id, "rate": rate, "count": count, "begin_at": time.monotonic()}
        writer.write(json.dumps({"do": "post messages", "reports": True, **wanted}).encode() + b"\n")
        while line := await _line(reader):
            said = json.loads(line)
            if isinstance(said, str):
                self.taken.append(said)
        writer.close()


@dataclass
class FaultySite:
    """All processes of the site."""

    backend: Backend
    """A backend like that of one more web process."""
    broker: Kafka
    webs: list[Web]
    archiver: Program

    @property
    def taken(self) -> list[str]:
        """Return the texts that were accepted."""
        return [text for web in self.webs for text in web.taken]


@pytest.fixture
def broker(victim: str, request: pytest.FixtureRequest) -> Kafka:
    """The broker: one for this test alone if the test kills it."""
    broker: Kafka = request.getfixturevalue("own_kafka" if victim == "broker" else "kafka")
    return broker


@pytest.fixture
def environment(broker: Kafka, topic_prefix: str, mongo_url: str, tmp_path: Path) -> dict[str, str]:
    """Environment variables of every process of the site."""
    return {
        "SECRET_KEY": "k" * 40,
        "MONGO_URL": mongo_url,
        "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
        "KAFKA_TOPIC_PREFIX": topic_prefix,
        "DATA_DIR": str(tmp_path / "data"),
        "LIVE_DIR": str(tmp_path / "live"),  # killed processes leave a socket behind
        "SUPERVISE": "none",
    }


@pytest.fixture
def programs(environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[list[Web], Program]]:
    """Programs of the site, not yet started. Those that run at the end of the test are stopped."""
    webs: list[Web] = []
    for name in ("web-one", "web-two"):
        control_port, feed_port = free_port(), free_port()
        command = [sys.executable, "-m", "benchmarks.chat_site", f"--control-port={control_port}"]
        ports = {"FEED_PORT": str(feed_port)}
        webs.append(Web(name, command, {**environment, **ports}, tmp_path, control_port, feed_port=feed_port))
    words = ["-m", "streaming_app.backend", "worker", "chat-archiver"]
    archiver = Program("archiver", [sys.executable, *words], environment, tmp_path)
    yield webs, archiver
    stop_all([program.process for program in (*webs, archiver) if program.starts])


@pytest.fixture
async def site(
    environment: dict[str, str], programs: tuple[list[Web], Program], broker: Kafka, topic_prefix: str
) -> AsyncIterator[FaultySite]:
    """The site, up and running."""
    webs, archiver = programs
    settings = Settings.model_validate({name.lower(): value for name, value in environment.items()})
    await make_topics(broker.bootstrap_servers, topic_prefix, partitions=2, replication=1)
    async with open_backend(settings) as backend:
        for program in (*webs, archiver):
            program.launch()
        for program in (*webs, archiver):
            program.wait_until_up()
        yield FaultySite(backend, broker, webs, archiver)


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ConnectionResetError:
        return b""
