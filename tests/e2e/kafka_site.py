"""A site on Kafka and MongoDB, with feed and workers as processes."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from streaming_app.backend.network_settings import METRICS_PORTS
from tests.rig.kafka import Kafka
from tests.rig.ports import free_ports
from tests.rig.redis import Redis
from tests.rig.site import Site, operate, running_site

WEB_PROCESSES = 2


@contextmanager
def running_kafka_site(
    folder: Path,
    ports: Mapping[str, int],
    broker: Kafka,
    database: str,
    redis: Redis | None = None,
    more: Mapping[str, str] | None = None,
) -> Generator[Site]:
    """Run the site on this broker and the database at this URL, with several web processes if there is a ``redis``.

    ``more`` are further settings. The operator's command creates the topics first.
    """
    settings = {
        "SECRET_KEY": "a secret for the tests, long enough",
        "MONGO_URL": database,
        "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
        "FEED": "own",
        "RECONNECT_GRACE": "8",
        "LOG_LEVEL": "debug",
        "METRICS_PORT": str(free_ports(METRICS_PORTS)),
        **(more or {}),
    }
    if redis:
        several = {"WEB_PROCESSES": str(WEB_PROCESSES), "MORE_WEB_PORT": str(free_ports(2 * WEB_PROCESSES))}
        settings |= {"REDIS_URL": redis.url, **several}
    operate(settings, "topics")
    with running_site(folder, ports, settings) as site:
        yield site
