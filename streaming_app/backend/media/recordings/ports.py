"""Storage port for recordings. Both stores implement it and pass the same contract tests."""

from datetime import datetime
from typing import Protocol

from streaming_app.backend.media.recordings.model import Recording


class Recordings(Protocol):
    """Repository of recordings.

    A recording that has ended is never changed, only removed. A removed recording is returned by ``removed`` alone,
    until its files have been deleted and ``forget`` is called.
    """

    async def add(self, recording: Recording) -> None:
        """Add a recording. Raises ``ConflictError`` if its id exists, also as a removed recording."""
        ...

    async def get(self, recording_id: str) -> Recording:
        """Return a recording. Raises ``NotFoundError``."""
        ...

    async def of_channel(
        self, channel_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Recording]:
        """Return the newest ``limit`` recordings of a channel, newest first.

        With ``before``, the start and the id of a recording, only those that come after it in this order.
        """
        ...

    async def shown_of_channel(
        self, channel_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Recording]:
        """Return what ``of_channel`` does; nothing while the channel is hidden, or its owner suspended."""
        ...

    async def oldest(self, channel_id: str, limit: int) -> list[Recording]:
        """Return the oldest ``limit`` recordings of a channel that have ended, oldest first."""
        ...

    async def unfinished(self) -> list[Recording]:
        """Return all recordings that have not ended, in no particular order."""
        ...

    async def ended_before(self, instant: datetime, limit: int) -> list[Recording]:
        """Return the ``limit`` recordings that ended first, before ``instant``, oldest end first."""
        ...

    async def usage(self, channel_id: str) -> int:
        """Return the bytes of all recordings of a channel."""
        ...

    async def update(self, recording: Recording) -> bool:
        """Store title, category, duration, size, gap reason and end.

        Returns ``False`` if the recording has ended already or does not exist.
        """
        ...

    async def remove(self, recording_id: str) -> bool:
        """Mark a recording as removed. Return ``False`` if it does not exist."""
        ...

    async def removed(self, limit: int) -> list[str]:
        """Return ids of removed recordings that ``forget`` was not called for, in no particular order."""
        ...

    async def hidden(self) -> set[str]:
        """Return the ids of the channels, and of all their recordings, whose files nobody may see.

        These are the channels of suspended users, and of users who are about to be deleted.
        """
        ...

    async def forget(self, recording_id: str) -> None:
        """Delete the record of a removed recording."""
        ...
