"""The rules of accounts, as pure functions that return the cleaned value or raise."""

import re
import unicodedata
from collections.abc import Callable

from pydantic import EmailStr, TypeAdapter, ValidationError

from streaming_app.backend.accounts.model import User
from streaming_app.backend.errors import ForbiddenError, InvalidError

USERNAME_MIN, USERNAME_MAX = 3, 25
PASSWORD_MIN_CHARACTERS = 8
PASSWORD_MAX_CHARACTERS = 256
"""Room for pass-phrases; the form says so before anybody gets near it."""

_USERNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?", re.ASCII)
_RESERVED = frozenset({"admin", "administrator", "moderator", "official", "root", "staff", "support", "system"})
_EMAIL: TypeAdapter[str] = TypeAdapter(EmailStr)


def clean_username(username: str) -> str:
    """``username`` without surrounding space; raises ``InvalidError``."""
    name = username.strip()
    if not USERNAME_MIN <= len(name) <= USERNAME_MAX:
        raise InvalidError("username", f"Use {USERNAME_MIN} to {USERNAME_MAX} characters.")
    if not _USERNAME.fullmatch(name):
        raise InvalidError("username", "Use letters a to z, digits, - and _. Start and end with a letter or digit.")
    if name.lower() in _RESERVED:
        raise InvalidError("username", "This name is reserved. Choose another.")
    return name


def clean_email(email: str) -> str:
    """``email`` in its normal form; raises ``InvalidError``."""
    try:
        return _EMAIL.validate_python(email.strip())
    except ValidationError:
        raise InvalidError("email", "Enter a valid email, like name@example.com.") from None


def normalize_password(password: str) -> str:
    """``password`` in its normal form (NFKC): the same characters, whichever keyboard or system typed them."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str) -> str:
    """``password`` in its normal form; raises ``InvalidError``."""
    password = normalize_password(password)
    if len(password) < PASSWORD_MIN_CHARACTERS:
        raise InvalidError("password", f"Use {PASSWORD_MIN_CHARACTERS} characters or more.")
    if len(password) > PASSWORD_MAX_CHARACTERS:
        words = f"Use {PASSWORD_MAX_CHARACTERS} characters or fewer. You entered {len(password)}."
        raise InvalidError("password", words)
    try:
        password.encode()
    except UnicodeEncodeError:
        raise InvalidError("password", "This contains an invalid character. Type it again.") from None
    if "\0" in password:
        raise InvalidError("password", "A password can't contain a null character.")
    return password


def clean_all(*rules: Callable[[], str]) -> list[str]:
    """What each rule returns; raises one ``InvalidError`` that says of every field what is wrong."""
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
    """``login`` without surrounding space; raises ``InvalidError`` when nothing was typed."""
    if not login.strip():
        raise InvalidError("login", "Enter your username or email.")
    return login.strip()


def check_not_empty(password: str) -> str:
    """``password`` as it is; raises ``InvalidError`` when nothing was typed."""
    if not password:
        raise InvalidError("password", "Enter your password.")
    return password


def may_sign_in(user: User) -> None:
    """Raises ``ForbiddenError`` for a user who is banned from the site."""
    if user.banned:
        raise ForbiddenError("This account is banned from the site.")
