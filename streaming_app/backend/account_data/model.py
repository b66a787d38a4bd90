"""The data classes of account deletion."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from streaming_app.backend.accounts.look_alike_names import skeleton


@dataclass(frozen=True, slots=True)
class ErasedId:
    """What is kept of a deleted account: a record for the user, and one for the channel. It identifies nobody."""

    id_key: str
    """``id_key`` of the id of the user or of the channel."""
    name_key: str
    """``name_key`` of the username, which nobody else may take for a while; empty afterwards, and for the channel."""
    erased_at: datetime


@dataclass(frozen=True, slots=True)
class Owner:
    """The account whose data is exported or deleted."""

    user_id: str
    username: str
    channel_id: str
    """Empty if the user has no channel."""


def id_key(erased_id: str) -> str:
    """Return the hash of the id of a user or a channel. Ids are random, so the hash does not reveal the id."""
    return hashlib.sha256(erased_id.encode()).hexdigest()


def name_key(username: str) -> str:
    """Return the hash of a username and of all names that look like it."""
    return hashlib.sha256(f"username {skeleton(username)}".encode()).hexdigest()
