"""The rules of chat, as pure functions that return or raise."""

import unicodedata

from streaming_app.backend.errors import ForbiddenError, InvalidError

_KEPT = frozenset("\n\u200c\u200d")
"""Line breaks, and the zero-width (non-)joiners that scripts and emoji are written with."""


def clean_text(text: str, max_length: int) -> str:
    """``text`` without surrounding space, control and direction characters; raises ``InvalidError``."""
    kept = (c for c in text if c in _KEPT or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    cleaned = "".join(kept).strip()
    if not cleaned.strip("".join(_KEPT)):
        raise InvalidError("text", "Write something first.")
    if len(cleaned) > max_length:
        raise InvalidError("text", f"Messages have {max_length} characters at most: this is {len(cleaned)}.")
    return cleaned


def may_post(*, banned: bool) -> None:
    """Raises ``ForbiddenError`` for a user who is banned from the site."""
    if banned:
        raise ForbiddenError("This account is banned from the site.")
