"""A real Apache Kafka broker (KRaft, one node) that can be stopped, killed and restarted with its data."""

import shutil
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.rig.ports import HOST, free_port, unread_bytes
from tests.rig.processes import Process, ProcessFailedError, set_priority

JARS = Path(__file__).parents[2] / ".tools/jars/kafka"
JVM = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.apache.logging.log4j.level=INFO")

PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
# the product creates its topics itself: a typing error must not
auto.create.topics.enable=false
num.partitions=3
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=3
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
log.segment.bytes=67108864
# delete old messages soon after their retention
log.retention.check.interval.ms=300
log.initial.task.delay.ms=300
# without these two every restart stalls for 12 s
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
"""

_formatted: dict[str, bytes] = {}
"""The files of a formatted data folder, by their relative paths. They contain ids and versions of features, but no
paths or addresses, so all brokers of this run begin with the same: no broker knows another one."""


class Kafka:
    """One broker in one folder, always on the same port."""

    def __init__(self, folder: Path, *, high_priority: bool = False) -> None:
        """``high_priority``: the broker gets more of the CPU than other processes, see ``set_priority``."""
        self._folder = folder
        self._high_priority = high_priority
        self._properties = folder / "server.properties"
        self._starts = 0
        self._process: Process | None = None
        self._port, controller_port = free_port(), free_port()
        self.bootstrap_servers = f"{HOST}:{self._port}"
        properties = PROPERTIES.format(
            host=HOST, port=self._port, controller_port=controller_port, data=folder / "data"
        )
        folder.mkdir(parents=True, exist_ok=True)
        self._properties.write_text(properties, encoding="utf-8")
        self._format()

    def start(self) -> None:
        """Start the broker and wait until it serves. Its data from before is kept."""
        self._starts += 1
        log = self._folder / f"broker-{self._starts}.log"
        self._process = Process("Kafka", _java(JVM, "kafka.Kafka", str(self._properties)), log)
        if self._high_priority:
            set_priority(self._process.pid)
        self._process.wait_until_said("Kafka Server started")

    def stop(self) -> None:
        """Stop the broker by SIGTERM. It shuts down properly and closes its files."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """Kill the broker by SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def frozen(self) -> AbstractContextManager[None]:
        """Freeze the broker while the block runs. Its connections stay open."""
        assert self._process is not None
        return self._process.frozen()

    def unread_bytes(self) -> int:
        """Return the number of bytes that a frozen broker has received but not read."""
        return unread_bytes(self._port)

    def restart(self) -> None:
        """Stop and start the broker, as an upgrade does."""
        self.stop()
        self.start()

    def _format(self) -> None:
        """Prepare the data folder: by Kafka's own program the first time, then by copies of what it made."""
        data = self._folder / "data"
        if not _formatted:
            self._run_formatter()
            files = (file for file in data.rglob("*") if file.is_file())
            _formatted.update({str(file.relative_to(data)): file.read_bytes() for file in files})
            return
        for name, content in _formatted.items():
            file = data / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    def _run_formatter(self) -> None:
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        options = ("-c", str(self._properties), f"--cluster-id={cluster}")  # one word: the id may start with a hyphen
        command = _java(("-Xmx128m",), "kafka.tools.StorageTool", "format", *options)
        formatter = Process("Kafka's formatter", command, self._folder / "format.log")
        if formatter.wait_until_ended() != 0:
            raise ProcessFailedError(formatter, "failed")


@contextmanager
def running_kafka(folder: Path, *, high_priority: bool = False) -> Generator[Kafka]:
    """Run a broker while the block runs, and delete its data at the end. ``high_priority``: see ``Kafka``."""
    broker = Kafka(folder, high_priority=high_priority)
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()  # to close the files of all topics properly would take longer, and nobody reads them again
        shutil.rmtree(folder / "data", ignore_errors=True)


def _java(options: Sequence[str], *words: str) -> list[str]:
    return ["java", *options, "-cp", f"{JARS}/*", *words]
