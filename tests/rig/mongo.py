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


@contextmanager
def running_mongo(folder: Path) -> Generator[str]:
    """The server's URL, without a database, for as long as the block lasts; it forgets everything with its end."""
    port = free_port()
    command = ["java", *JVM, "-cp", f"{JARS}/*", LAUNCHER, str(port)]
    server = Process("mongo-java-server", command, folder / "mongo.log")
    try:
        server.wait_until_said("READY")
        yield f"mongodb://{HOST}:{port}"
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
