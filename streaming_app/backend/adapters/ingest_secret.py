"""The secret by which nginx's ingest and the backend authenticate to each other.

The backend sends it to ``/stat`` and ``/control``, and nginx sends it with callbacks. Without ``INGEST_SECRET`` it is
created once and stored in DATA_DIR, so that each side can restart without the other.
"""

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from streaming_app.backend.config import Settings

HEADER = "Authorization"
SCHEME = "Bearer "
SECRET_BYTES = 32


def ingest_secret_file(settings: Settings) -> Path:
    """Path of the file, which only the site's user can read."""
    return settings.data_dir.resolve() / "nginx" / "ingest.secret"


def make_ingest_secret(settings: Settings) -> str:
    """Return the secret, and create it if there is none; raises ``OSError``."""
    if settings.ingest_secret:
        return settings.ingest_secret.get_secret_value()
    path = ingest_secret_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(SECRET_BYTES))
        with suppress(FileExistsError):  # another process may have created it first
            os.link(draft, path)
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii")


def ingest_credentials(settings: Settings) -> dict[str, str]:
    """Return the header that nginx requires; empty if nginx has never run."""
    if settings.ingest_secret:
        return {HEADER: SCHEME + settings.ingest_secret.get_secret_value()}
    try:
        return {HEADER: SCHEME + ingest_secret_file(settings).read_text(encoding="ascii")}
    except OSError:
        return {}


def is_ingest(settings: Settings, authorization: str) -> bool:
    """Whether ``authorization`` is nginx's header value."""
    expected = ingest_credentials(settings).get(HEADER, "")
    return expected != "" and hmac.compare_digest(authorization.encode(), expected.encode())
