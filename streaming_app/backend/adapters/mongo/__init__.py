"""The store of a site that runs on several machines: MongoDB with the motor driver. No other package imports motor.

The store uses only features that all servers with the MongoDB protocol have: unique keys instead of transactions,
case-folded values instead of collations, and expiry checks in queries in addition to TTL indexes.
"""

from streaming_app.backend.adapters.mongo.store import MongoStore, open_store

__all__ = ["MongoStore", "open_store"]
