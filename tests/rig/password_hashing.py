"""Password hashing for tests."""

from time import monotonic

from streaming_app.backend.accounts.form_order import FormOrder
from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.adapters.passwords import BcryptPasswords


def form_order() -> FormOrder:
    """Return the order of the forms of a site that knows no browser."""
    return FormOrder(KnownBrowsers(bytes(32)), monotonic)


def bcrypt_passwords(rounds: int = 4) -> BcryptPasswords:
    """Return hashing with a low cost."""
    return BcryptPasswords(rounds, form_order())
