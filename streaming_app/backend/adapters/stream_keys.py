"""Hashes and encrypts stream keys, so that neither a stolen database nor a log reveals one."""

import hmac
import secrets
from hashlib import sha256

from streaming_app.backend.adapters.sealing import FernetSeal

SECRET_BYTES = 24
_KEY_CHANGED = "The stream key can't be shown because the server's SECRET_KEY changed. Create a new key."


class SealedStreamKeys:
    """Implements ``streams.ports.StreamKeys``. Both keys have 32 bytes and differ."""

    def __init__(self, hash_key: bytes, seal_key: bytes) -> None:
        self._hash_key = hash_key
        self._seal = FernetSeal(seal_key, _KEY_CHANGED)

    def new_secret(self) -> str:
        return secrets.token_urlsafe(SECRET_BYTES)

    def hash(self, secret: str) -> str:
        return hmac.new(self._hash_key, secret.encode(errors="surrogatepass"), sha256).hexdigest()

    def seal(self, secret: str) -> bytes:
        return self._seal.close(secret)

    def open(self, sealed: bytes) -> str:
        return self._seal.open(sealed)
