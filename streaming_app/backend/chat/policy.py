"""The rules of chat, as pure functions that return or raise."""

from streaming_app.backend.errors import ForbiddenError, InvalidError
from streaming_app.backend.text import visible


def clean_text(text: str, max_length: int) -> str:
    """``text`` without surrounding space, control and direction characters; raises ``InvalidError``."""
    typed = text.strip()
    if len(typed) > 2 * max_length:
        raise _too_long(len(typed), max_length)
    cleaned = visible(typed)
    if not cleaned:
        raise InvalidError("text", "Write something first.")
    if len(cleaned) > max_length:
        raise _too_long(len(cleaned), max_length)
    return cleaned


def may_post(*, banned: bool) -> None:
    """Raises ``ForbiddenError`` for a user who is banned from the site."""
    if banned:
        raise ForbiddenError("This account is banned from the site.")


def _too_long(length: int, max_length: int) -> InvalidError:
    return InvalidError("text", f"Messages have {max_length} characters at most: this is {length}.")
