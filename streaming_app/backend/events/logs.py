"""Events about the logs of processes."""

from typing import ClassVar, Literal

from streaming_app.backend.events.base import LOGS_TOPIC, BaseEvent


class LogRecorded(BaseEvent):
    """A process wrote a line to its log. The event has nothing of users: no values, only the text of the code."""

    topic: ClassVar[str] = LOGS_TOPIC

    process: str
    level: str
    logger: str
    message: str
    """The message before its values were filled in; empty for lines of libraries."""
    place: str
    """Module and line of the code."""
    error: str = ""
    """Type of the exception; empty if there was none."""
    type: Literal["LogRecorded"] = "LogRecorded"

    @property
    def key(self) -> str:
        """The partition key: events of the same process stay in order."""
        return self.process
