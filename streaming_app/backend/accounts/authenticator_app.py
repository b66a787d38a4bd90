"""Authenticator apps: their time-based one-time codes (RFC 6238), and the repository of the users' apps."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyotp
from pyotp.exceptions import OTPVerificationError
from pyotp.totp import TOTP

from streaming_app.backend.accounts.mails import SITE_NAME

WINDOW_STEPS = 1
"""How many time steps of 30 s the clock of an app may be ahead or behind."""
CODE_DIGITS = 6
KEY_CHANGED = "The code can't be checked because the server's SECRET_KEY changed. Use a recovery code."
"""Message if the secret of an app cannot be decrypted."""


@dataclass(frozen=True, slots=True)
class AuthenticatorApp:
    """The authenticator app of a user, and the recovery codes that replace the app if it is lost."""

    user_id: str
    sealed_secret: bytes
    """The encrypted secret that the app has too."""
    added_at: datetime
    last_step: int
    """Time step of the newest accepted code. Older codes, and this one, are not accepted again."""
    recovery_code_hashes: tuple[str, ...]
    """Hashes of the recovery codes that were not used yet."""


class AuthenticatorApps(Protocol):
    """The repository of authenticator apps. A user has at most one."""

    async def add(self, app: AuthenticatorApp) -> None:
        """Add an app; raises ``ConflictError`` if the user has one."""
        ...

    async def get(self, user_id: str) -> AuthenticatorApp:
        """Raises ``NotFoundError``."""
        ...

    async def exists(self, user_id: str) -> bool:
        """Whether the user has an app."""
        ...

    async def accept_step(self, user_id: str, step: int) -> bool:
        """Set the last step to ``step`` if it is newer. Return whether it was, for one caller only."""
        ...

    async def take_recovery_code(self, user_id: str, code_hash: str) -> bool:
        """Remove the hash of a recovery code. Return whether the user had it, for one caller only."""
        ...

    async def replace_recovery_codes(self, user_id: str, code_hashes: tuple[str, ...]) -> None:
        """Replace all recovery codes; raises ``NotFoundError`` if the user has no app."""
        ...

    async def remove(self, user_id: str) -> bool:
        """Delete the app with its recovery codes. Return whether the user had one."""
        ...


class Seal(Protocol):
    """Encrypts secrets that the site has to read again."""

    def close(self, secret: str) -> bytes:
        """Encrypt ``secret``."""
        ...

    def open(self, sealed: bytes) -> str:
        """Decrypt what ``close`` returned; raises ``ConflictError`` if the key has changed since then."""
        ...


def new_secret() -> str:
    """Return a random secret of 160 bits, in base32."""
    return pyotp.random_base32()


def setup_uri(secret: str, username: str) -> str:
    """Return the ``otpauth:`` URI that apps read from a QR code."""
    return TOTP(secret).provisioning_uri(name=username, issuer_name=SITE_NAME)


def clean_code(code: str) -> str:
    """Return a typed code without spaces and hyphens, in lower case."""
    return "".join(unicodedata.normalize("NFKC", code).replace("-", "").split()).lower()


def is_app_code(code: str) -> bool:
    """Whether a cleaned code has the form of an app's code. All others are recovery codes."""
    return len(code) == CODE_DIGITS and code.isascii() and code.isdigit()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step for which an app with this secret shows ``code``; ``None`` if it is not about now."""
    try:
        return TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=WINDOW_STEPS)
    except OTPVerificationError:
        return None
