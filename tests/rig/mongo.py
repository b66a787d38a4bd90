"""A server that speaks MongoDB's protocol, in memory: what the Mongo adapters are tried on where there is no mongod."""

from collections.abc import Generator
from contextlib import contextmanager
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
    """One server, always on the same port. It forgets everything with its end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._starts = 0
        self._process: Process | None = None
        self.url = f"mongodb://{HOST}:{self._port}"
        """Without a database."""

    def start(self) -> None:
        """Start it, empty, and wait until it serves."""
        self._starts += 1
        command = ["java", *JVM, "-cp", f"{JARS}/*", LAUNCHER, str(self._port)]
        self._process = Process("mongo-java-server", command, self._folder / f"mongo-{self._starts}.log")
        self._process.wait_until_said("READY")

    def stop(self) -> None:
        """SIGTERM."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """`kill -9`."""
        if self._process is not None:
            self._process.kill()
            self._process = None


@contextmanager
def running_mongo(folder: Path) -> Generator[Mongo]:
    """A server for as long as the block lasts."""
    server = Mongo(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def with_database(server_url: str, name: str) -> str:
    """The URL of one database on the server. Who signed in against the URL's database (or admin) still does."""
    url = urlsplit(server_url)
    options = dict(parse_qsl(url.query))
    if "@" in url.netloc:
        options.setdefault("authSource", url.path.strip("/") or "admin")
    return urlunsplit(url._replace(path=f"/{name}", query=urlencode(options)))


def drop_database(url: str) -> None:
    """Delete the database that the URL names."""
    client: MongoClient[dict[str, Any]] = MongoClient(url)
    with client:
        client.drop_database(client.get_default_database().name)
