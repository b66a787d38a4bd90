"""Encrypts secrets that the store contains, so that a stolen database does not reveal them."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken

from streaming_app.backend.errors import ConflictError


class FernetSeal:
    """Implements ``accounts.authenticator_app.Seal``. The key has 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(urlsafe_b64encode(key))

    def close(self, secret: str) -> bytes:
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise ConflictError(
                "The code can't be checked because the server's SECRET_KEY changed. Use a recovery code."
            ) from None
