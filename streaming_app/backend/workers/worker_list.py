"""The list of workers, for the supervisor, the command line and the web process that runs them as tasks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from streaming_app.backend.bootstrap import Backend


@dataclass(frozen=True, slots=True)
class Worker:
    """A background job: the ``run`` function of the module in this package that has the worker's name.

    The module is imported only when the worker runs, because the supervisor needs just the names.
    """

    name: str
    """Name on the command line and in the name of the log file."""
    one_per_ingest: bool = False
    """Whether a second process of this worker has to wait until the first one ends."""

    needs_kafka: bool = False
    """Whether sites without Kafka do not have this worker."""

    @property
    def run(self) -> Callable[["Backend"], Awaitable[None]]:
        """Run the worker until cancelled. The worker completes its current work before it ends."""
        module = import_module(f"{__package__}.{self.name.replace('-', '_')}")
        return cast("Callable[[Backend], Awaitable[None]]", module.run)


WORKERS = (
    Worker("chat-archiver"),
    Worker("reaper", one_per_ingest=True),
    Worker("recorder", one_per_ingest=True),
    Worker("thumbnails"),
    Worker("account-deletion", one_per_ingest=True),
    Worker("log-sink", one_per_ingest=True, needs_kafka=True),
)


def worker_named(name: str) -> Worker:
    """Return the worker with this name. Raises ``StopIteration`` if there is none."""
    return next(worker for worker in WORKERS if worker.name == name)
