"""Connects to MongoDB, and converts what the server refuses to errors for the operator, without credentials."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from streaming_app.backend.adapters.mongo.documents import Database
from streaming_app.backend.errors import SetupError

DEFAULT_DATABASE = "streaming_app"
"""Name of the database if the URL has none."""

SERVER_SELECTION_MS = 5_000
"""How long an operation waits for an available server."""
SOCKET_MS = 20_000
"""How long an operation waits for the response of the server."""

_AUTHENTICATION_FAILED = 18


@asynccontextmanager
async def connected(url: str, *, is_patient: bool = False) -> AsyncGenerator[Database]:
    """Yield the database of ``url``, with the write guarantees of the site. Raises ``SetupError``.

    With ``is_patient``, an operation may take any time, as the build of an index does.
    """
    client = _connect(url, None if is_patient else SOCKET_MS)
    try:
        yield client.get_default_database(DEFAULT_DATABASE)
    finally:
        client.close()


@contextmanager
def reporting_refusals(url: str, what: str) -> Generator[None]:
    """Raise ``SetupError`` if the server does not answer, or refuses to do ``what``."""
    server = urlsplit(url).netloc.rpartition("@")[2]
    try:
        yield
    except ConfigurationError as error:
        raise SetupError(f"MongoDB at {server} cannot be used: {error}.") from None
    except OperationFailure as error:
        if error.code == _AUTHENTICATION_FAILED:
            raise SetupError(f"MongoDB at {server} refuses the user name or password in MONGO_URL.") from None
        raise SetupError(f"MongoDB at {server} refuses to {what}: {_reason(error)}.") from None
    except PyMongoError:
        raise SetupError(f"MongoDB at {server} does not answer. Is it running, and is MONGO_URL right?") from None


def _connect(url: str, socket_ms: int | None) -> AsyncIOMotorClient[dict[str, Any]]:
    try:
        parse_uri(url)
        return AsyncIOMotorClient(
            url,
            tz_aware=True,
            tzinfo=UTC,
            w="majority",
            journal=True,
            serverSelectionTimeoutMS=SERVER_SELECTION_MS,
            connectTimeoutMS=SERVER_SELECTION_MS,
            socketTimeoutMS=socket_ms,
            appname="streaming_app",
        )
    except (PyMongoError, ValueError):
        # the driver's message may contain the URL and its password
        message = (
            "MONGO_URL is not a MongoDB URL (or, with mongodb+srv, its host is not in DNS)."
            " It looks like mongodb://user:password@host:27017/database."
        )
        raise SetupError(message) from None


def _reason(error: OperationFailure) -> str:
    return str((error.details or {}).get("errmsg") or error.code)
