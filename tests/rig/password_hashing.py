"""Password hashing for tests."""

from time import monotonic

from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.accounts.sign_in_priority import SignInPriority
from streaming_app.backend.adapters.passwords import BcryptPasswords


def sign_in_priority() -> SignInPriority:
    """Return the priority of the forms on a site that knows no browser."""
    return SignInPriority(KnownBrowsers(bytes(32)), monotonic)


def bcrypt_passwords(rounds: int = 4) -> BcryptPasswords:
    """Return hashing with a low cost."""
    return BcryptPasswords(rounds, sign_in_priority())
