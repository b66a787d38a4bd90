"""What recordings need from a store. Two stores implement it, held by the same contract tests."""

from datetime import datetime
from typing import Protocol

from streaming_app.backend.media.recordings.model import Recording


class Recordings(Protocol):
    """All recordings. One that has ended is not changed any more, only removed.

    What is removed is in no answer any more but ``removed``, until it is forgotten: its files are to be deleted first.
    """

    async def add(self, recording: Recording) -> None:
        """Raises ``ConflictError`` when there is one of this id, perhaps a removed one."""
        ...

    async def get(self, recording_id: str) -> Recording:
        """Raises ``NotFoundError``."""
        ...

    async def of_channel(self, channel_id: str, limit: int) -> list[Recording]:
        """The newest ``limit`` of a channel, newest first."""
        ...

    async def oldest(self, channel_id: str, limit: int) -> list[Recording]:
        """The oldest ``limit`` of a channel that have ended, oldest first."""
        ...

    async def unfinished(self) -> list[Recording]:
        """Every one that has not ended, in no order."""
        ...

    async def ended_before(self, instant: datetime, limit: int) -> list[Recording]:
        """Those that ended longest ago."""
        ...

    async def usage(self, channel_id: str) -> int:
        """Bytes of all recordings of a channel."""
        ...

    async def update(self, recording: Recording) -> bool:
        """Keep its words, length, size, shortage and end; ``False`` when it has ended or is not there any more."""
        ...

    async def remove(self, recording_id: str) -> bool:
        """``False`` when it was not there."""
        ...

    async def removed(self, limit: int) -> list[str]:
        """Ids of recordings that are removed and not forgotten, in no order."""
        ...

    async def forget(self, recording_id: str) -> None:
        """Nothing of a recording that is removed is left."""
        ...
