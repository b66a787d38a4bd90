"""What a whole site needs besides its own programs, each of which can fail: Kafka, MongoDB, Redis, disks, the clock."""

import os
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from benchmarks.chaos import clock_steps, slow_store
from benchmarks.chaos.clock_steps import SiteClock
from benchmarks.chaos.real_mongo import RealMongo
from benchmarks.chaos.slow_store import SlowStore
from streaming_app.backend.config import Settings
from streaming_app.backend.network_settings import METRICS_PORTS
from tests.rig.kafka import Kafka, running_kafka
from tests.rig.mongo import Mongo, drop_database, running_mongo, with_database
from tests.rig.ports import HOST, free_port, free_ports
from tests.rig.redis import Redis, running_redis
from tests.rig.site import choose_ports, environment_of, operate

WEB_PROCESSES = 2
DISK_BYTES = 256 << 20
"""Size of each of the two small disks."""
REAL_MONGO = "TEST_MONGO_URL"
MONGO_PORT = 27017
# fmt: off
SETTINGS = {
    "SECRET_KEY": "a secret for the faults, long enough",
    "FEED": "own",
    "WEB_PROCESSES": str(WEB_PROCESSES),
    "TRANSCODE": "off",
    "LIVE_WINDOW": "60",
    "RECORDING_RESERVE": str(16 << 20),
    # all viewers and writers have the same address
    "API_BURST": "1000000", "CHAT_BURST": "1000000", "CONNECTIONS_PER_ADDRESS": "10000",
    "REQUESTS_PER_SECOND_PER_ADDRESS": "10000",
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers, while they run."""

    folder: Path
    kafka: Kafka
    mongo: Mongo | RealMongo
    redis: Redis
    slow_store: SlowStore
    clock: SiteClock | None
    """``None`` if libfaketime is not installed."""
    disks: tuple[Path, ...]
    """Small disks of DATA_DIR and LIVE_DIR; none if they cannot be mounted."""
    ports: dict[str, int]
    environment: dict[str, str]
    """Environment of the site."""
    direct_mongo_url: str
    """URL of the database that does not lead through ``slow_store``."""

    @property
    def settings(self) -> Settings:
        """Return the settings of another process of the site, whose store and clock are never slow or wrong."""
        values = {**self.environment, "MONGO_URL": self.direct_mongo_url}
        return Settings.model_validate({name.lower(): value for name, value in values.items()})


@contextmanager
def running_servers() -> Generator[Servers]:
    """Run all servers while the block runs. Kafka has a high priority, because it usually has a machine of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        disks = [disk for name in ("data", "live") if (disk := _mounted(stack, folder / name))]
        ports = choose_ports()
        mongo, direct_url = _mongo(stack, folder)
        slow, slow_url = _behind_slow_store(stack, direct_url, folder)
        kafka = stack.enter_context(running_kafka(folder / "kafka", high_priority=True))
        redis = stack.enter_context(running_redis(folder / "redis"))
        clock = clock_steps.site_clock(folder / "clock")
        environment = {
            **environment_of(folder / "data/site", ports),
            **SETTINGS,
            "LIVE_DIR": str(folder / "live"),
            "MONGO_URL": slow_url,
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "REDIS_URL": redis.url,
            "MORE_WEB_PORT": str(free_ports(2 * WEB_PROCESSES)),
            "METRICS_PORT": str(free_ports(METRICS_PORTS)),
            **(clock.environment if clock else {}),
        }
        operate(environment, "topics")
        yield Servers(folder, kafka, mongo, redis, slow, clock, tuple(disks), ports, environment, direct_url)


def _mongo(stack: ExitStack, folder: Path) -> tuple[Mongo | RealMongo, str]:
    """Return the server, and the URL of an empty database on it."""
    name = f"chaos-{uuid4().hex[:12]}"
    if real_url := os.environ.get(REAL_MONGO):  # noqa: TID251 - an option of the tests, not a setting of the site
        url = with_database(real_url, name)
        stack.callback(drop_database, url)
        return RealMongo(_address(url)[1]), url
    stand_in = stack.enter_context(running_mongo(folder / "mongo"))
    return stand_in, with_database(stand_in.url, name)


def _behind_slow_store(stack: ExitStack, url: str, folder: Path) -> tuple[SlowStore, str]:
    """Start a proxy in front of the database, and return it with the URL that leads through it."""
    host, port = _address(url)
    own_port = free_port()
    slow = stack.enter_context(slow_store.running(own_port, host, port, folder / "slow-store.log"))
    parts = urlsplit(url)
    login, at, _ = parts.netloc.rpartition("@")
    query = "&".join(filter(None, [parts.query, "directConnection=true"]))
    return slow, urlunsplit(parts._replace(netloc=f"{login}{at}{HOST}:{own_port}", query=query))


def _address(url: str) -> tuple[str, int]:
    """Return host and port of the first server in the URL."""
    host, _, port = urlsplit(url).netloc.rpartition("@")[2].split(",")[0].partition(":")
    return host, int(port or MONGO_PORT)


def _mounted(stack: ExitStack, folder: Path) -> Path | None:
    """Mount a small disk at the folder; return ``None`` if this is not possible."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "chaos", str(folder)]
    if subprocess.run(["mount", *options], check=False, stderr=subprocess.DEVNULL).returncode:  # noqa: S607 - from PATH
        return None
    stack.callback(subprocess.run, ["umount", "--lazy", str(folder)], check=False)
    return folder
