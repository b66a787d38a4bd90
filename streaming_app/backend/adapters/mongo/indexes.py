"""The indexes: what is unique, what is looked up, what expires."""

from pymongo import ASCENDING, DESCENDING, IndexModel

from streaming_app.backend.adapters.mongo.documents import Database

_INDEXES: dict[str, list[IndexModel]] = {
    "users": [
        IndexModel([("username_key", ASCENDING)], unique=True),
        IndexModel([("email_key", ASCENDING)], unique=True),
    ],
    "sessions": [
        IndexModel([("user_id", ASCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "tickets": [
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "channels": [
        IndexModel([("owner_id", ASCENDING)], unique=True),
        IndexModel([("slug_key", ASCENDING)], unique=True),
        IndexModel([("key_hash", ASCENDING)], unique=True),
    ],
    "streams": [
        IndexModel([("open_key", ASCENDING)], unique=True),
        IndexModel([("channel_id", ASCENDING), ("ended_at", DESCENDING)]),
        IndexModel([("ended_at", ASCENDING), ("started_at", DESCENDING)]),
    ],
    "chat_messages": [
        IndexModel([("channel_id", ASCENDING), ("position", ASCENDING), ("_id", ASCENDING)]),
    ],
    "recordings": [
        IndexModel([("channel_id", ASCENDING), ("started_at", DESCENDING)]),
        IndexModel([("ended_at", ASCENDING)]),
    ],
}


async def ensure_indexes(database: Database) -> None:
    """Make what is missing; what is there already stays."""
    for collection, indexes in _INDEXES.items():
        await database[collection].create_indexes(indexes)
