"""The secret of the site, from which a separate key is derived for each purpose."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from streaming_app.backend.config import Settings
from streaming_app.backend.disk_sync import sync
from streaming_app.backend.errors import SetupError

KEY_FILE = "secret.key"
SECRET_MIN_CHARACTERS = 32
DERIVED_KEY_BYTES = 32

_SALT = b"streaming_app/v1"


class Secrets:
    """Derives keys from the secret of the site."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def derive(self, purpose: str) -> bytes:
        """Derive the key of ``purpose``: constant for one secret, and unrelated to the keys of other purposes."""
        return HKDF(SHA256(), DERIVED_KEY_BYTES, _SALT, purpose.encode()).derive(self._secret)


def open_secrets(settings: Settings) -> Secrets:
    """Return the secret of the settings, or else the one stored in DATA_DIR, which is created at the first start.

    Raises ``SetupError`` if the stored one cannot be read, written or used.
    """
    if settings.secret_key:
        return Secrets(settings.secret_key.get_secret_value())
    path = settings.data_dir / KEY_FILE
    try:
        if not path.exists():
            _keep_new_secret(path)
        secret = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as failed:
        message = f"{path} cannot be read or written ({failed}). Change its permissions, or set SECRET_KEY."
        raise SetupError(message) from None
    if len(secret) < SECRET_MIN_CHARACTERS:
        message = (
            f"{path} is damaged: it contains fewer than {SECRET_MIN_CHARACTERS} characters. Restore it from a backup."
        )
        raise SetupError(message)
    return Secrets(secret)


def _keep_new_secret(path: Path) -> None:
    """Create the file atomically, readable by its owner only. If another process was first, keep its secret."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    sync(path.parent)
