"""Recovery codes: each of them replaces a code of the authenticator app once."""

import secrets

from streaming_app.backend.accounts.secret_hash import hash_secret

CODES = 10
GROUPS, GROUP_CHARACTERS = 6, 4
"""120 random bits, so that a fast hash protects them."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base32: without letters that look like digits."""
_LOOK_ALIKES = str.maketrans({"o": "0", "i": "1", "l": "1"})


def new_codes() -> list[str]:
    """Return new random codes, such as ``3k7p-0dq8-…``."""
    return ["-".join(_group() for _ in range(GROUPS)) for _ in range(CODES)]


def hash_code(code: str) -> str:
    """Return the hash under which a code is stored. Hyphens and look-alike letters make no difference."""
    return hash_secret(code.replace("-", "").lower().translate(_LOOK_ALIKES), "recovery-code:")


def _group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(GROUP_CHARACTERS))
