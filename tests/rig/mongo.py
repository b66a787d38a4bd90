"""An in-memory server with MongoDB's protocol, for tests of the Mongo adapters on machines without mongod."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pymongo import MongoClient

from tests.rig.ports import HOST, free_port
from tests.rig.processes import Process

ROOT = Path(__file__).parents[2]
JARS = ROOT / ".tools/jars/mongo"
LAUNCHER = ROOT / "deploy/test/MongoForTests.java"
JVM = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


class Mongo:
    """One server, always on the same port. Its data is lost when it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._starts = 0
        self._process: Process | None = None
        self.url = f"mongodb://{HOST}:{self._port}"
        """URL without a database."""

    def start(self) -> None:
        """Start the server without data, and wait until it serves."""
        self._starts += 1
        command = ["java", *JVM, "-cp", f"{JARS}/*", LAUNCHER, str(self._port)]
        self._process = Process("mongo-java-server", command, self._folder / f"mongo-{self._starts}.log")
        self._process.wait_until_said("READY")

    def kill(self) -> None:
        """Kill the server by SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def frozen(self) -> AbstractContextManager[None]:
        """Freeze the server while the block runs. Its connections stay open."""
        assert self._process is not None
        return self._process.frozen()


@contextmanager
def running_mongo(folder: Path) -> Generator[Mongo]:
    """Run a server while the block runs."""
    server = Mongo(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def with_database(server_url: str, name: str) -> str:
    """Return the URL of one database on the server. Keeps the authentication database (of the URL, or admin)."""
    url = urlsplit(server_url)
    options = dict(parse_qsl(url.query))
    if "@" in url.netloc:
        options.setdefault("authSource", url.path.strip("/") or "admin")
    return urlunsplit(url._replace(path=f"/{name}", query=urlencode(options)))


def drop_database(url: str) -> None:
    """Delete the database in the URL."""
    client: MongoClient[dict[str, Any]] = MongoClient(url)
    with client:
        client.drop_database(client.get_default_database().name)
