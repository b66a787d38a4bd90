"""The migrations of documents: migration n updates the schema from n - 1 to n. ``schema_version`` runs them.

Released migrations are never edited. Each one is idempotent: if a process dies within one, another process repeats it.
New fields that have a default need none, because ``from_document`` fills them in.

While a site with several processes is upgraded, old code goes on writing documents as it knows them. So code that reads
a changed field tolerates its old form for one release after the migration.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from streaming_app.backend.accounts.look_alike_names import skeleton
from streaming_app.backend.adapters.mongo.documents import Database

Step = Callable[[Database], Awaitable[None]]


async def _add_skeletons(database: Database) -> None:
    """Add the skeletons of usernames.

    Of existing accounts whose names look alike, only the oldest one gets the skeleton. The others keep their names.
    """
    users = database["users"]
    await users.create_index([("username_skeleton", ASCENDING)], unique=True, sparse=True)
    async for document in users.find({"username_skeleton": {"$exists": False}}).sort("created_at", ASCENDING):
        with suppress(DuplicateKeyError):
            filled = {"$set": {"username_skeleton": skeleton(document["username"])}}
            await users.update_one({"_id": document["_id"]}, filled)


async def _add_roles(database: Database) -> None:
    """Replace ``is_admin`` by ``site_role``."""
    users = database["users"]
    for is_admin, role in ((True, "admin"), ({"$ne": True}, "user")):
        which = {"site_role": {"$exists": False}, "is_admin": is_admin}
        await users.update_many(which, {"$set": {"site_role": role}})
    await users.update_many({"is_admin": {"$exists": True}}, {"$unset": {"is_admin": ""}})


async def _rename_shortest_delay(database: Database) -> None:
    """Rename the shortest delay of channels from ``ultra`` to ``realtime``."""
    await database["channels"].update_many({"latency": "ultra"}, {"$set": {"latency": "realtime"}})


async def _add_states_of_moderation(database: Database) -> None:
    """Add the states of entries in the moderation log, and the versions of chat rules."""
    log = database["moderation_log"]
    for undone_at, state in ((None, "done"), ({"$ne": None}, "undone")):
        which = {"state": {"$exists": False}, "undone_at": undone_at}
        await log.update_many(which, {"$set": {"state": state}})
    await database["chat_rules"].update_many({"version": {"$exists": False}}, {"$set": {"version": 1}})


STEPS: tuple[Step, ...] = (_add_skeletons, _add_roles, _rename_shortest_delay, _add_states_of_moderation)
