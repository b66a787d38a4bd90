"""A real Apache Kafka broker (KRaft, one node) that can be stopped, killed and restarted with its data."""

import os
import shutil
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from tests.rig.ports import HOST, free_port, unread_bytes
from tests.rig.processes import Process, ProcessFailedError

JARS = Path(__file__).parents[2] / ".tools/jars/kafka"
CLASSES = JARS.with_suffix(".jsa")
"""Archive of Kafka's loaded classes (``tests.rig.kafka_classes``). With it, a start needs half the CPU time."""
JVM = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.apache.logging.log4j.level=INFO")

PREFERRED = -10
"""Priority of a broker that is preferred to other processes, as a ``nice`` value."""

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


class Kafka:
    """One broker in one folder, always on the same port."""

    def __init__(self, folder: Path, *, first: bool = False) -> None:
        """``first``: the broker gets the CPU before other processes, if root runs it."""
        self._folder = folder
        self._is_first = first
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

    def start(self, *jvm_options: str) -> None:
        """Start the broker and wait until it serves. Its data from before is kept."""
        self._starts += 1
        log = self._folder / f"broker-{self._starts}.log"
        options = jvm_options or ((f"-XX:SharedArchiveFile={CLASSES}",) if CLASSES.exists() else ())
        command = _java((*JVM, *options), "kafka.Kafka", str(self._properties))
        self._process = Process("Kafka", command, log)
        if self._is_first:
            _prefer(self._process)
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
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        options = ("-c", str(self._properties), f"--cluster-id={cluster}")  # one word: the id may start with a hyphen
        command = _java(("-Xmx128m",), "kafka.tools.StorageTool", "format", *options)
        formatter = Process("Kafka's formatter", command, self._folder / "format.log")
        if formatter.wait_until_ended() != 0:
            raise ProcessFailedError(formatter, "failed")


@contextmanager
def running_kafka(folder: Path, *, first: bool = False) -> Generator[Kafka]:
    """Run a broker while the block runs, and delete its data at the end. ``first``: see ``Kafka``."""
    broker = Kafka(folder, first=first)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
        shutil.rmtree(folder / "data", ignore_errors=True)


def _prefer(process: Process) -> None:
    """Prefer the process to others. On most systems, its session's autogroup counts, and not its own priority."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process.pid, PREFERRED)
        Path(f"/proc/{process.pid}/autogroup").write_text(str(PREFERRED), encoding="ascii")


def _java(options: Sequence[str], *words: str) -> list[str]:
    return ["java", *options, "-cp", f"{JARS}/*", *words]
