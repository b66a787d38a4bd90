"""Workers as separate processes, with Kafka and MongoDB, as an orchestrator runs them."""

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from streaming_app.backend.adapters.kafka import make_topics
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from tests.rig.kafka import Kafka
from tests.rig.processes import Process, stop_all

KEY = "k" * 40
ROOT = Path(__file__).parents[2]

Start = Callable[..., Process]


@pytest.fixture
def environment(kafka: Kafka, topic_prefix: str, mongo_url: str, tmp_path: Path) -> dict[str, str]:
    """Environment variables of every process of one site."""
    return {
        "SECRET_KEY": KEY,
        "MONGO_URL": mongo_url,
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "KAFKA_TOPIC_PREFIX": topic_prefix,
        "DATA_DIR": str(tmp_path / "data"),
        "METRICS_PORT": "0",
    }


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """A function that starts `python -m streaming_app.backend …`. The end of the test stops running processes."""
    started: list[Process] = []

    def start(*words: str, **changes: str) -> Process:
        log = tmp_path / f"{'-'.join(words)}-{len(started)}.log"
        command = [sys.executable, "-m", "streaming_app.backend", *words]
        started.append(Process(" ".join(words), command, log, environment={**environment, **changes}, folder=ROOT))
        return started[-1]

    yield start
    stop_all(started)


@pytest.fixture
async def backend(environment: dict[str, str]) -> AsyncIterator[Backend]:
    """A backend like that of a web process of the same site."""
    settings = Settings.model_validate({name.lower(): value for name, value in environment.items()})
    servers = environment["KAFKA_BOOTSTRAP_SERVERS"]
    await make_topics(servers, environment["KAFKA_TOPIC_PREFIX"], partitions=2, replication=1)
    async with open_backend(settings) as backend:
        yield backend
