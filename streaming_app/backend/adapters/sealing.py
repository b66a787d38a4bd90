"""Encrypts secrets that the store contains, so that a stolen database does not reveal them."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken

from streaming_app.backend.errors import ConflictError


class FernetSeal:
    """Implements ``accounts.authenticator_app.Seal``."""

    def __init__(self, key: bytes, key_changed: str) -> None:
        """``key`` has 32 bytes. ``key_changed`` is the message if a secret was encrypted with another key."""
        self._fernet = Fernet(urlsafe_b64encode(key))
        self._key_changed = key_changed

    def close(self, secret: str) -> bytes:
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise ConflictError(self._key_changed) from None
