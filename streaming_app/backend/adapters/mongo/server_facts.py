"""Reads facts about a MongoDB server, for the command ``doctor``."""

from dataclasses import dataclass
from datetime import datetime

import pymongo

from streaming_app.backend.adapters.mongo.connection import connected, reporting_refusals
from streaming_app.backend.adapters.mongo.restore_marker import check_is_complete
from streaming_app.backend.adapters.mongo.schema_version import check_version, stored_version


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """Facts about a server that answers."""

    replica_set: str | None
    """Name of its replica set; ``None`` for a single server. A sharded cluster consists of replica sets."""
    now: datetime
    """The time of its clock."""


async def read_server_facts(url: str, timeout_seconds: float) -> ServerFacts:
    """Return facts about the server.

    Raises ``SetupError`` if it cannot be used, does not answer in time, or its database is not restored completely or
    has a newer schema.
    """
    async with connected(url) as database:
        with reporting_refusals(url, "read the database"), pymongo.timeout(timeout_seconds):
            # Servers before 5.0 have no "hello".
            answer = await database.command("isMaster", codec_options=database.codec_options)
            await database["users"].find_one({}, {"_id": 1})
            await check_is_complete(database)
            check_version(database.name, await stored_version(database))
    is_sharded = answer.get("msg") == "isdbgrid"
    return ServerFacts("shards" if is_sharded else answer.get("setName"), answer["localTime"])
