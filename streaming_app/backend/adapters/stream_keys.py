"""Hashes and encrypts stream keys, so that neither a stolen database nor a log reveals one."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken

from streaming_app.backend.errors import ConflictError

SECRET_BYTES = 24


class SealedStreamKeys:
    """Implements ``streams.ports.StreamKeys``. Both keys have 32 bytes and differ."""

    def __init__(self, hash_key: bytes, seal_key: bytes) -> None:
        self._hash_key = hash_key
        self._fernet = Fernet(urlsafe_b64encode(seal_key))

    def new_secret(self) -> str:
        return secrets.token_urlsafe(SECRET_BYTES)

    def hash(self, secret: str) -> str:
        return hmac.new(self._hash_key, secret.encode(errors="surrogatepass"), sha256).hexdigest()

    def seal(self, secret: str) -> bytes:
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise ConflictError(
                "The stream key can't be shown because the server's SECRET_KEY changed. Create a new key."
            ) from None
