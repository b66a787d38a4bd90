"""Create what compose.yaml reads and does not exist yet: site.env and the files in secrets/. Changes no file."""

import os
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ("secret_key", "ingest_secret", "grafana_password")
URLS = {
    "mongo_url": "mongodb://mongo:27017/streaming_app?replicaSet=rs0",
    "redis_url": "redis://redis:6379/0",
}
EMPTY = ("smtp_url", "captcha_secret", "google_client_secret", "vk_client_secret", "oidc_providers")
"""Secrets that a site may do without."""
SITE_ENV = "# Settings of the site in containers, as in .env.example. Secrets belong into the folder secrets/.\n"


def main(folder: Path, site_env: Path = ROOT / "site.env") -> None:
    """Create the files. The folder is open to its owner only; the files are not, because containers read them."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name in GENERATED:
        _create(folder / name, secrets.token_hex(32))
    for name, url in URLS.items():
        _create(folder / name, url)
    for name in EMPTY:
        _create(folder / name, "")
    _create(site_env, SITE_ENV)


def _create(file: Path, content: str) -> None:
    if not file.exists():
        file.write_text(content, encoding="utf-8")
        file.chmod(0o644)


if __name__ == "__main__":
    main(ROOT / (os.environ.get("SECRETS") or "secrets"), ROOT / (os.environ.get("SITE_ENV") or "site.env"))
