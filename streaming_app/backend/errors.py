"""Errors of the backend.

The message of a ``DomainError`` may be shown to users. All other errors are failures of the site and are only logged.
"""

from datetime import datetime, timedelta


class DomainError(Exception):
    """Base class of errors for users. ``public_message`` says what is wrong and how to fix it."""

    def __init__(self, public_message: str) -> None:
        super().__init__(public_message)
        self.public_message = public_message


class InvalidError(DomainError):
    """Invalid input. ``field`` is the name of the form field."""

    def __init__(self, field: str, public_message: str, *also: "InvalidError") -> None:
        super().__init__(public_message)
        self.field = field
        self.fields = {field: public_message} | {error.field: error.public_message for error in also}
        """The messages of all invalid fields, by the name of the field."""


class TakenError(InvalidError):
    """A value that must be unique is already in use."""


class NotSignedInError(DomainError):
    """The request has no valid session: it is missing, forged, expired, revoked or of a deleted user."""

    def __init__(self, public_message: str = "You are signed out. Sign in and try again.") -> None:
        super().__init__(public_message)


class LeavingError(NotSignedInError):
    """The account of the session will be deleted. The user may only keep it."""

    def __init__(self, username: str, deletes_at: datetime) -> None:
        super().__init__(
            f"This account will be deleted on {deletes_at.day} {deletes_at:%B %Y}. To keep it, sign in on the site and"
            " choose “Keep my account”."
        )
        self.username = username
        self.deletes_at = deletes_at


class ForbiddenError(DomainError):
    """The user is not allowed to do this."""


class ReauthenticationNeededError(ForbiddenError):
    """The sign-in is too old for this action. The user has to authenticate again first."""

    def __init__(self) -> None:
        super().__init__("Confirm that it is you, then try again.")


class SecondStepNeededError(DomainError):
    """The user has authenticated by one factor, and the account requires another one.

    ``secret`` continues the sign-in in ``SecondStepService``.
    """

    def __init__(self, secret: str) -> None:
        super().__init__("Enter the code of your authenticator app to sign in.")
        self.secret = secret


class NotFoundError(DomainError):
    """The requested object does not exist, or no longer exists."""


class ConflictError(DomainError):
    """The request conflicts with the current state; retrying later may succeed."""


class RateLimitedError(DomainError):
    """Too many requests. ``retry_after`` is the time until the next one is accepted."""

    def __init__(self, public_message: str, retry_after: timedelta) -> None:
        super().__init__(public_message)
        self.retry_after = retry_after


class BusyError(DomainError):
    """The site is overloaded and has not started to handle the request."""

    def __init__(self) -> None:
        super().__init__("The site is busy. Try again in a moment.")


class BusUnavailableError(DomainError):
    """The bus did not accept an event in time. The event is not published; acknowledged events are not affected."""

    def __init__(self) -> None:
        super().__init__("Chat is busy. Your message was not sent; try again in a moment.")


class StoreUnavailableError(Exception):
    """The store does not respond or fails. Retrying later may succeed."""


class SetupError(Exception):
    """The configuration prevents the site from starting. The message is one line for the operator."""
