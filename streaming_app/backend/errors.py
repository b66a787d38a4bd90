"""What the platform says no with.

A ``DomainError`` is a refusal that the person who caused it may read. Everything else is an outage and reaches the log.
"""

from datetime import timedelta


class DomainError(Exception):
    """A refusal. ``public_message`` says what is wrong and how to mend it, in words for the person who asked."""

    def __init__(self, public_message: str) -> None:
        super().__init__(public_message)
        self.public_message = public_message


class InvalidError(DomainError):
    """Input that breaks a rule; ``field`` names the form field it came from."""

    def __init__(self, field: str, public_message: str, *also: "InvalidError") -> None:
        super().__init__(public_message)
        self.field = field
        self.fields = {field: public_message} | {error.field: error.public_message for error in also}
        """What is wrong with every field, when it is more than one."""


class TakenError(InvalidError):
    """A value that must be unique and is somebody else's."""


class NotSignedInError(DomainError):
    """No valid session: absent, forged, expired, signed out or of a deleted user."""

    def __init__(self, public_message: str = "You are signed out. Sign in and try again.") -> None:
        super().__init__(public_message)


class ForbiddenError(DomainError):
    """The person is known, and may not."""


class NotFoundError(DomainError):
    """There is no such thing, or none any more."""


class ConflictError(DomainError):
    """It clashes with how things stand now; later it may go."""


class RateLimitedError(DomainError):
    """Too much in too short a time; ``retry_after`` says when it goes again."""

    def __init__(self, public_message: str, retry_after: timedelta) -> None:
        super().__init__(public_message)
        self.retry_after = retry_after


class BusyError(DomainError):
    """The site has more to do at this moment than it can, and did nothing of what was asked."""

    def __init__(self) -> None:
        super().__init__("The site is busy. Try again in a moment.")


class BusUnavailableError(DomainError):
    """The bus did not take an event in time: nothing was said, nothing is lost that was acknowledged."""

    def __init__(self) -> None:
        super().__init__("Chat is busy. Your text is kept: try again in a moment.")


class StoreUnavailableError(Exception):
    """The store does not answer, or fails. It is nobody's fault who asked, and later it may go."""


class SetupError(Exception):
    """The site cannot start as it is set up. The message is the one line that the operator reads."""
