"""Passwords by bcrypt, in threads: a hash takes a good part of a second of one core."""

import asyncio

import bcrypt

from streaming_app.backend.accounts.policy import PASSWORD_MAX_BYTES

BCRYPT_ROUNDS = 12
"""2^12 iterations: about 0.25 s on one core."""
CONCURRENT_HASHES = 2
"""More at once would only starve the loop and each other; who comes later waits."""

_DIGEST_CHARACTERS = 31
"""What follows the salt in a bcrypt hash."""


class BcryptPasswords:
    """Implements ``accounts.ports.Passwords``."""

    def __init__(self, rounds: int = BCRYPT_ROUNDS) -> None:
        self._rounds = rounds
        self._turns = asyncio.Semaphore(CONCURRENT_HASHES)
        self._nobody = bcrypt.gensalt(rounds) + b"." * _DIGEST_CHARACTERS

    async def hash(self, password: str) -> str:
        async with self._turns:
            hashed = await asyncio.to_thread(bcrypt.hashpw, password.encode(), bcrypt.gensalt(self._rounds))
        return hashed.decode("ascii")

    async def matches(self, password: str, password_hash: str | None) -> bool:
        expected = password_hash.encode() if password_hash else self._nobody
        async with self._turns:
            same = await asyncio.to_thread(_matches, password, expected)
        return same and password_hash is not None


def _matches(password: str, password_hash: bytes) -> bool:
    typed = password.encode(errors="surrogatepass")
    same = bcrypt.checkpw(typed[:PASSWORD_MAX_BYTES], password_hash)
    return same and len(typed) <= PASSWORD_MAX_BYTES
