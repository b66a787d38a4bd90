"""The store of a site that runs on many machines: MongoDB, through motor, which nothing else imports.

Only what every server of the protocol has is used: unique keys instead of transactions, case folded into the value
instead of collations, expiry in the query as well as by TTL index.
"""

from streaming_app.backend.adapters.mongo.store import MongoStore, open_store

__all__ = ["MongoStore", "open_store"]
