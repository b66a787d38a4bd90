"""Settings that run any site of the tests on several web processes, with TEST_WEB_PROCESSES=2 in the environment.

The sites share a broker, a database server and a Redis. Each of them has its own topics, database and number in Redis.
"""

import os
import uuid
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from streaming_app.backend.network_settings import METRICS_PORTS
from tests.rig.kafka import Kafka, running_kafka
from tests.rig.mongo import Mongo, running_mongo, with_database
from tests.rig.ports import free_ports
from tests.rig.redis import Redis, running_redis

VARIABLE = "TEST_WEB_PROCESSES"
ONE_PROCESS = {"WEB_PROCESSES": "1"}
"""The settings of a site that always has one web process, and its store in its folder."""


@dataclass(frozen=True, slots=True)
class Servers:
    """What the sites share."""

    kafka: Kafka
    mongo: Mongo
    redis: Redis


_shared: list[Servers] = []
"""The servers while they run."""
_databases = count()
"""Numbers of databases in Redis. None is used twice, so that no site finds the data of another one."""


@contextmanager
def scaled_sites(folder: Path) -> Generator[None]:
    """Run the servers that the sites share while the block runs, if ``TEST_WEB_PROCESSES`` is set."""
    if VARIABLE not in os.environ:
        yield
        return
    with (
        running_kafka(folder / "kafka") as kafka,
        running_mongo(folder / "mongo") as mongo,
        running_redis(folder / "redis") as redis,
    ):
        _shared.append(Servers(kafka, mongo, redis))
        yield
        _shared.clear()


def scaled(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a site, with several web processes and feeds of their own if the servers run.

    Settings that name the store, or the number of web processes, remain as they are.
    """
    if not _shared or {"MONGO_URL", "WEB_PROCESSES"} & settings.keys():
        return dict(settings)
    [servers] = _shared
    unique, processes = f"s-{uuid.uuid4().hex[:12]}", os.environ[VARIABLE]
    return {
        "SECRET_KEY": "a secret for the tests, long enough",
        "MONGO_URL": with_database(servers.mongo.url, unique),
        "KAFKA_BOOTSTRAP_SERVERS": servers.kafka.bootstrap_servers,
        "KAFKA_TOPIC_PREFIX": f"{unique}.",
        "REDIS_URL": servers.redis.database_url(next(_databases)),
        "FEED": "own",
        "WEB_PROCESSES": processes,
        "MORE_WEB_PORT": str(free_ports(2 * int(processes))),
        "METRICS_PORT": str(free_ports(METRICS_PORTS)),
        **settings,
    }


def frozen_database() -> AbstractContextManager[None]:
    """Freeze the database server of the sites while the block runs."""
    [servers] = _shared
    return servers.mongo.frozen()
