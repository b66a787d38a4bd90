"""Settings that run any site of the tests on several web processes, with TEST_WEB_PROCESSES=2 in the environment.

The sites share a broker, a database server and a Redis. Each of them has its own topics, database and number in Redis.
"""

import os
import uuid
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from streaming_app.backend.network_settings import METRICS_PORTS
from tests.rig.kafka import running_kafka
from tests.rig.mongo import running_mongo, with_database
from tests.rig.ports import free_ports
from tests.rig.redis import running_redis

VARIABLE = "TEST_WEB_PROCESSES"
REDIS_DATABASES = 16

_shared: dict[str, str] = {}
"""URLs of the servers while they run."""
_numbers = count()


@contextmanager
def scaled_sites(folder: Path) -> Generator[None]:
    """Run the servers that the sites share while the block runs, if ``TEST_WEB_PROCESSES`` is set."""
    if VARIABLE not in os.environ:
        yield
        return
    with ExitStack() as stack:
        _shared["mongo"] = stack.enter_context(running_mongo(folder / "mongo")).url
        _shared["redis"] = stack.enter_context(running_redis(folder / "redis")).url
        _shared["kafka"] = stack.enter_context(running_kafka(folder / "kafka")).bootstrap_servers
        yield
    _shared.clear()


def scaled(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a site, with several web processes and a feed of their own if the servers run."""
    if not _shared or "MONGO_URL" in settings:
        return dict(settings)
    unique, processes = f"s-{uuid.uuid4().hex[:12]}", os.environ[VARIABLE]
    return {
        "SECRET_KEY": "a secret for the tests, long enough",
        "MONGO_URL": with_database(_shared["mongo"], unique),
        "KAFKA_BOOTSTRAP_SERVERS": _shared["kafka"],
        "KAFKA_TOPIC_PREFIX": f"{unique}.",
        "REDIS_URL": f"{_shared['redis'].rpartition('/')[0]}/{next(_numbers) % REDIS_DATABASES}",
        "FEED": "own",
        "WEB_PROCESSES": processes,
        "MORE_WEB_PORT": str(free_ports(2 * int(processes))),
        "METRICS_PORT": str(free_ports(METRICS_PORTS)),
        **settings,
    }
