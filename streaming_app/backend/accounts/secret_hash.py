"""The hash under which secrets of tickets and API tokens are stored."""

import hashlib


def hash_secret(secret: str, purpose: str = "") -> str:
    """Return the hash of ``secret``. With another ``purpose`` it differs, so a secret works for one purpose only."""
    return hashlib.sha256((purpose + secret).encode(errors="surrogatepass")).hexdigest()
