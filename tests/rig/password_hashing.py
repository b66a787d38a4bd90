"""Password hashing for tests."""

from time import monotonic

from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.accounts.sign_in_priority import SignInPriority
from streaming_app.backend.adapters.passwords import BcryptPasswords
from streaming_app.backend.config import Settings

LOWEST_COST = 4
"""The lowest cost of bcrypt."""


def sign_in_priority() -> SignInPriority:
    """Return the priority of the forms on a site that knows no browser."""
    return SignInPriority(KnownBrowsers(bytes(32)), monotonic)


def with_quick_hashes(settings: Settings) -> Settings:
    """Return the settings with a lower cost of password hashes than the site accepts."""
    return settings.model_copy(update={"password_hash_cost": LOWEST_COST})


def bcrypt_passwords(rounds: int = LOWEST_COST) -> BcryptPasswords:
    """Return hashing with a low cost."""
    return BcryptPasswords(rounds, sign_in_priority())
