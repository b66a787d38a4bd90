"""What nginx's ingest and the processes of the backend know each other by: a secret in a file of the data folder.

The backend shows it at ``/stat`` and ``/control``, nginx shows it in callbacks. It is made once and kept, so that
either side can start again without the other.
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
    """Readable by the site's own user alone."""
    return settings.data_dir.resolve() / "nginx" / "ingest.secret"


def make_ingest_secret(settings: Settings) -> str:
    """The secret, made if there is none yet; raises ``OSError``."""
    path = ingest_secret_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(SECRET_BYTES))
        with suppress(FileExistsError):  # kept, whoever made it
            os.link(draft, path)
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii")


def ingest_credentials(settings: Settings) -> dict[str, str]:
    """The header that nginx asks for; none while nginx has never run."""
    try:
        return {HEADER: SCHEME + ingest_secret_file(settings).read_text(encoding="ascii")}
    except OSError:
        return {}


def is_ingest(settings: Settings, authorization: str) -> bool:
    """Whether this is nginx's own ``Authorization``."""
    expected = ingest_credentials(settings).get(HEADER, "")
    return expected != "" and hmac.compare_digest(authorization.encode(), expected.encode())
