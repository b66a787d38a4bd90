"""The embedded store: all data of the site in one SQLite file."""

from streaming_app.backend.adapters.sqlite.store import SqliteStore, open_store

__all__ = ["SqliteStore", "open_store"]
