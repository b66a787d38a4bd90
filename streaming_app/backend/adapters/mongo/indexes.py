"""The indexes of all collections: for uniqueness, lookups and expiry."""

from pymongo import ASCENDING, DESCENDING, IndexModel

from streaming_app.backend.adapters.mongo.documents import Database

_ONE_OF_EACH_CHATTER = IndexModel([("channel_id", ASCENDING), ("user_id", ASCENDING)], unique=True)

_INDEXES: dict[str, list[IndexModel]] = {
    "users": [
        IndexModel([("username_key", ASCENDING)], unique=True),
        IndexModel([("email_key", ASCENDING)], unique=True),
        IndexModel([("banned_until", ASCENDING)], sparse=True),
        IndexModel([("banned", ASCENDING)]),
        IndexModel([("username_skeleton", ASCENDING)], unique=True, sparse=True),
        IndexModel([("deletes_at", ASCENDING)], sparse=True),
    ],
    "erased_accounts": [
        IndexModel([("name_key", ASCENDING), ("erased_at", ASCENDING)]),
    ],
    "sessions": [
        IndexModel([("user_id", ASCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "tickets": [
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "avatars": [
        IndexModel([("user_id", ASCENDING)]),
    ],
    "mail_links": [
        IndexModel([("user_id", ASCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "api_tokens": [
        IndexModel([("token_hash", ASCENDING)], unique=True),
        IndexModel([("user_id", ASCENDING), ("created_at", DESCENDING)]),
        IndexModel([("slot_key", ASCENDING)], unique=True, sparse=True),
    ],
    "audit_log": [
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
        IndexModel([("actor_key", ASCENDING), ("_id", DESCENDING)]),
        IndexModel([("target_key", ASCENDING), ("_id", DESCENDING)]),
    ],
    "passkeys": [
        IndexModel([("user_id", ASCENDING)]),
    ],
    "identities": [
        IndexModel([("provider", ASCENDING), ("subject", ASCENDING)], unique=True),
        IndexModel([("user_id", ASCENDING), ("provider", ASCENDING)], unique=True),
    ],
    "provider_sign_ins": [
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "pending_identities": [
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "channels": [
        IndexModel([("owner_id", ASCENDING)], unique=True),
        IndexModel([("slug_key", ASCENDING)], unique=True),
        IndexModel([("key_hash", ASCENDING)], unique=True),
        IndexModel([("is_hidden", ASCENDING)], sparse=True),
    ],
    "streams": [
        IndexModel([("open_key", ASCENDING)], unique=True),
        IndexModel([("channel_id", ASCENDING), ("ended_at", DESCENDING)]),
        IndexModel([("channel_id", ASCENDING), ("started_at", DESCENDING), ("_id", DESCENDING)]),
        IndexModel([("ended_at", ASCENDING), ("started_at", DESCENDING)]),
    ],
    "invitations": [
        IndexModel([("secret_hash", ASCENDING)], unique=True),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "reports": [
        IndexModel([("reporter_id", ASCENDING), ("kind", ASCENDING), ("target_id", ASCENDING)], unique=True),
        IndexModel([("kind", ASCENDING), ("target_id", ASCENDING)]),
        IndexModel([("resolution", ASCENDING), ("_id", DESCENDING)]),
    ],
    "stream_blocks": [
        IndexModel([("since", DESCENDING)]),
    ],
    "streamer_requests": [
        IndexModel([("status", ASCENDING), ("requested_at", ASCENDING), ("_id", ASCENDING)]),
    ],
    "chat_messages": [
        IndexModel([("channel_id", ASCENDING), ("position", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("channel_id", ASCENDING), ("user_id", ASCENDING), ("position", ASCENDING)]),
        IndexModel([("deleted_by", ASCENDING)], sparse=True),
        IndexModel([("user_id", ASCENDING), ("position", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("reply_to.username", ASCENDING)], sparse=True),
        IndexModel([("sent_at", ASCENDING)]),
    ],
    "chat_moderators": [_ONE_OF_EACH_CHATTER],
    "chat_bans": [
        _ONE_OF_EACH_CHATTER,
        IndexModel([("channel_id", ASCENDING), ("since", DESCENDING)]),
    ],
    "chat_turns": [_ONE_OF_EACH_CHATTER],
    "follows": [
        _ONE_OF_EACH_CHATTER,
        IndexModel([("user_id", ASCENDING), ("followed_at", DESCENDING), ("channel_id", DESCENDING)]),
    ],
    "moderation_log": [
        IndexModel([("channel_id", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)]),
        IndexModel([("channel_id", ASCENDING), ("state", ASCENDING)]),
        IndexModel([("at", ASCENDING)]),
    ],
    "held_messages": [
        IndexModel([("channel_id", ASCENDING), ("held_at", ASCENDING), ("_id", ASCENDING)]),
    ],
    "emotes": [
        IndexModel([("channel_id", ASCENDING), ("name_key", ASCENDING)], unique=True),
    ],
    "recordings": [
        IndexModel([("channel_id", ASCENDING), ("started_at", DESCENDING)]),
        IndexModel([("ended_at", ASCENDING)]),
    ],
}


async def ensure_indexes(database: Database) -> None:
    """Create missing indexes."""
    for collection, indexes in _INDEXES.items():
        await database[collection].create_indexes(indexes)


def unique_keys(collection: str) -> list[tuple[str, ...]]:
    """Return the fields whose combination is unique in the collection. Documents without the fields do not count."""
    documents = [index.document for index in _INDEXES.get(collection, [])]
    return [tuple(document["key"]) for document in documents if document.get("unique")]
