"""The embedded store: everything the site knows in one SQLite file."""

from streaming_app.backend.adapters.sqlite.store import SqliteStore, open_store

__all__ = ["SqliteStore", "open_store"]
