"""The stores that tests use."""

from streaming_app.backend.adapters.mongo import MongoStore
from streaming_app.backend.adapters.sqlite import SqliteStore

Store = SqliteStore | MongoStore
