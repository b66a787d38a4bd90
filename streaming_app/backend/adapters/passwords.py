"""Hashes passwords with bcrypt, in threads.

bcrypt reads only 72 bytes, so it gets a digest of the normalized password. Such hashes begin with ``PREFIX``. Older
hashes were made from the password as typed. They stay valid, and the next sign-in replaces them.
"""

import hmac
import os
import threading
import unicodedata
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import bcrypt

from streaming_app.backend.accounts.password_queue import PasswordQueue
from streaming_app.backend.accounts.policy import normalize_password
from streaming_app.backend.accounts.sign_in_priority import SignInPriority

CONCURRENT_MAX = 4
"""More at once would not answer anybody earlier than a queue does."""
NICENESS = 5
"""Priority of the threads, 0 to 19. A transcoder has 10."""
PREFIX = "hmac-sha256:"

_BCRYPT_READS_BYTES = 72
_DIGEST_CHARACTERS = 31
"""Number of characters after the salt in a bcrypt hash."""
_PURPOSE = b"streaming_app password"
"""Key of the digest, so that SHA-256 digests stolen from other sites cannot be tried against these hashes."""


class BcryptPasswords:
    """Implements ``accounts.ports.Passwords``."""

    def __init__(self, rounds: int, priority: SignInPriority) -> None:
        """``rounds`` is bcrypt's cost: 2^rounds iterations. ``priority`` decides which password is hashed next."""
        self._rounds = rounds
        self._current = f"{PREFIX}$2b${rounds:02}$"
        slots = concurrent_hashes(len(os.sched_getaffinity(0)))
        threads = ThreadPoolExecutor(slots, thread_name_prefix="passwords", initializer=_lower_priority)
        self._queue = PasswordQueue(slots, priority, threads=threads)
        self._nobody = PREFIX.encode() + bcrypt.gensalt(rounds) + b"." * _DIGEST_CHARACTERS

    async def hash(self, password: str, address: str, *, is_known: bool = False) -> str:
        work = partial(_hash, password, self._rounds)
        return await self._queue.run(work, address, is_known=is_known, is_registration=not is_known)

    async def matches(self, password: str, password_hash: str | None, address: str, *, is_known: bool = False) -> bool:
        expected = password_hash.encode() if password_hash else self._nobody
        same = await self._queue.run(partial(_matches, password, expected), address, is_known=is_known)
        return same and password_hash is not None

    async def rehash(self, password: str, password_hash: str, address: str) -> str:
        if password_hash.startswith(self._current):
            return ""
        work = partial(_hash, normalize_password(password), self._rounds)
        return await self._queue.run(work, address, is_known=True)


def concurrent_hashes(cores: int) -> int:
    """Return how many passwords are hashed at a time: one core is left for the event loop."""
    return max(1, min(CONCURRENT_MAX, cores - 1))


def _lower_priority() -> None:
    """Let the event loop have the core first, so that chat is not late while passwords are hashed."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)  # of this thread alone


def _hash(password: str, rounds: int) -> str:
    return PREFIX + bcrypt.hashpw(_digest(password), bcrypt.gensalt(rounds)).decode("ascii")


def _matches(password: str, password_hash: bytes) -> bool:
    """Check the password. Old and new hashes take the same number of comparisons, so that timing reveals nothing."""
    forms = {normalize_password(password), password, unicodedata.normalize("NFD", password)}
    prefix = PREFIX.encode()
    if password_hash.startswith(prefix):
        wanted, digest = password_hash.removeprefix(prefix), _digest(normalize_password(password))
        return any(bcrypt.checkpw(digest, wanted) for _ in forms)
    return any(_made_old_hash(form, password_hash) for form in forms)


def _made_old_hash(password: str, password_hash: bytes) -> bool:
    typed = password.encode(errors="surrogatepass")
    same = bcrypt.checkpw(typed[:_BCRYPT_READS_BYTES], password_hash)
    return same and len(typed) <= _BCRYPT_READS_BYTES


def _digest(password: str) -> bytes:
    return b64encode(hmac.digest(_PURPOSE, password.encode(errors="surrogatepass"), "sha256"))
