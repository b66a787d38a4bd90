"""Rules for accounts: pure functions that return a cleaned value, or raise."""

import re
import unicodedata
from collections.abc import Callable

from pydantic import EmailStr, TypeAdapter, ValidationError

from streaming_app.backend.accounts.common_passwords import is_common
from streaming_app.backend.accounts.look_alike_names import is_reserved
from streaming_app.backend.accounts.model import User
from streaming_app.backend.errors import ForbiddenError, InvalidError
from streaming_app.backend.text_cleaning import check_length, visible_line

DISPLAY_NAME_MIN, DISPLAY_NAME_MAX = 2, 50
USERNAME_MIN, USERNAME_MAX = 3, 25
PASSWORD_MIN_CHARACTERS = 8
PASSWORD_MAX_CHARACTERS = 256
"""Long enough for pass-phrases."""

_USERNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?", re.ASCII)
_SITE_WORDS = frozenset(
    {
        "streamingapp",
        "streaming",
        "livestream",
        "livestreaming",
        "streamer",
        "streamkey",
        "channel",
        "moderator",
        "broadcast",
    }
)
"""Words that may not be passwords, also not with digits or signs."""
_EMAIL: TypeAdapter[str] = TypeAdapter(EmailStr)


def clean_username(username: str) -> str:
    """Return ``username`` without surrounding spaces; raises ``InvalidError``."""
    name = username.strip()
    if not USERNAME_MIN <= len(name) <= USERNAME_MAX:
        raise InvalidError("username", f"Use {USERNAME_MIN} to {USERNAME_MAX} characters.")
    if not _USERNAME.fullmatch(name):
        raise InvalidError("username", "Use letters a to z, digits, - and _. Start and end with a letter or digit.")
    if is_reserved(name):
        raise InvalidError("username", "This name is reserved, or looks like a reserved one. Choose another.")
    return name


def clean_display_name(name: str) -> str:
    """Return ``name`` on one line, without invisible characters; may be empty. Raises ``InvalidError``."""
    line = visible_line(name)
    if line and not DISPLAY_NAME_MIN <= len(line) <= DISPLAY_NAME_MAX:
        raise InvalidError(
            "display_name", f"Use {DISPLAY_NAME_MIN} to {DISPLAY_NAME_MAX} characters, or leave it empty."
        )
    if is_reserved(line):
        raise InvalidError("display_name", "This name is reserved, or looks like a reserved one. Choose another.")
    return line


def clean_email(email: str) -> str:
    """Return the normalized ``email``; raises ``InvalidError``."""
    try:
        return _EMAIL.validate_python(email.strip())
    except ValidationError:
        raise InvalidError("email", "Enter a valid email, like name@example.com.") from None


def normalize_password(password: str) -> str:
    """Normalize ``password`` to NFKC, so that it is the same text from every keyboard and operating system."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str) -> str:
    """Return the normalized ``password``; raises ``InvalidError``."""
    password = normalize_password(password)
    if len(password) < PASSWORD_MIN_CHARACTERS:
        raise InvalidError("password", f"Use {PASSWORD_MIN_CHARACTERS} characters or more.")
    check_length(password, PASSWORD_MAX_CHARACTERS, "password")
    try:
        password.encode()
    except UnicodeEncodeError:
        raise InvalidError("password", "This contains an invalid character. Type it again.") from None
    if "\0" in password:
        raise InvalidError("password", "A password can't contain a null character.")
    return password


def check_new_password(password: str, *names: str) -> str:
    """Return the normalized ``password`` of an account with ``names``: its username and email.

    Raises ``InvalidError``, also if the password is easy to guess.
    """
    password = check_password(password)
    if is_common(password):
        raise InvalidError("password", "Many people use this password, so it is easy to guess. Choose another.")
    known = {_letters_of(part) for name in names for part in (name, name.partition("@")[0])}
    if _letters_of(password) in known - {""}:
        raise InvalidError("password", "Your username or email is easy to guess. Choose another password.")
    if _letters_of(password) in _SITE_WORDS:
        raise InvalidError("password", "Words of this site are easy to guess. Choose another password.")
    return password


def _letters_of(text: str) -> str:
    """Return the letters of ``text`` in lower case, because digits and signs around a word hide little."""
    return "".join(filter(str.isalpha, text.casefold()))


def clean_all(*rules: Callable[[], str]) -> list[str]:
    """Call all ``rules`` and return their results; raises one ``InvalidError`` with the errors of all fields."""
    cleaned: list[str] = []
    wrong: list[InvalidError] = []
    for rule in rules:
        try:
            cleaned.append(rule())
        except InvalidError as error:
            wrong.append(error)
    if wrong:
        raise InvalidError(wrong[0].field, wrong[0].public_message, *wrong[1:])
    return cleaned


def clean_login(login: str) -> str:
    """Return ``login`` without surrounding spaces; raises ``InvalidError`` if it is empty."""
    if not login.strip():
        raise InvalidError("login", "Enter your username or email.")
    return login.strip()


def check_not_empty(password: str, field: str = "password") -> str:
    """Return ``password`` unchanged; raises ``InvalidError`` if it is empty."""
    if not password:
        raise InvalidError(field, "Enter your password.")
    return password


def may_take_part(user: User, *, needs_confirmed_email: bool) -> None:
    """Raises ``ForbiddenError`` if the user may not chat and stream."""
    may_use_site(user)
    if needs_confirmed_email and user.email_confirmed_at is None:
        raise ForbiddenError("Confirm your email first: open Settings, Email.")


def may_use_site(user: User) -> None:
    """Raises ``ForbiddenError`` if the user is suspended, with the reason and the end of the suspension."""
    if user.banned:
        until = f" until {user.banned_until:%d %B %Y, %H:%M} UTC" if user.banned_until else ""
        reason = f" Reason: {user.ban_reason}" if user.ban_reason else ""
        raise ForbiddenError(f"This account is suspended{until}.{reason}")
