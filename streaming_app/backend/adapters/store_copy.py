"""What a copy of the store contains, whichever database it comes from."""

from dataclasses import dataclass

RESTORE_MARKER = "restore.unfinished"
"""File in DATA_DIR while a backup is restored. The site does not start while it exists."""


@dataclass(frozen=True, slots=True)
class StoreCopy:
    """A copy of all tables or collections, in files."""

    records: dict[str, int]
    """Number of rows or documents, by table or collection."""
    schema_version: int
    """Version of the schema, which each of the two stores counts for itself."""
    recording_ids: list[str]
    """The recordings that users can see."""
    is_snapshot: bool
    """Whether all records are from the same moment."""
