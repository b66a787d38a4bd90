"""The Content-Security-Policy of the site's documents: what a page may run and load, and who may show it in a frame.

Pages run their built modules and the inline scripts of their built document, which the policy lists by hash. Other
scripts do not run, for example those that an attacker injects. No page evaluates strings as scripts (decision 53).
"""

import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc\s*=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_LOADS = (
    "default-src 'self'; "
    "style-src 'self' 'unsafe-inline'; "  # Emotion, Sonner and media-chrome create style elements
    "img-src 'self' data: blob:; "
    "media-src 'self' blob:; "  # hls.js plays media sources
    "worker-src 'self' blob:; "  # hls.js
    "object-src 'none'; "
    "base-uri 'none'; "
    "form-action 'self'"
)


@lru_cache(maxsize=64)
def page_policy(
    document: bytes, added_script: str = "", *, is_framable: bool = False, widget_origins: tuple[str, ...] = ()
) -> str:
    """Return the policy of a page. ``document`` is its HTML as it was built, without anything that users wrote.

    ``added_script`` is the inline script that the server adds to some documents.
    The page may load scripts and frames of ``widget_origins``, and send requests to them: those of a captcha.
    """
    ancestors = "*" if is_framable else "'none'"
    origins = " ".join(widget_origins)
    frames = f"frame-src {origins}; connect-src 'self' {origins}" if origins else "frame-src 'none'"
    scripts = " ".join(["'self'", *widget_origins, _script_hashes(document)])
    if added_script:
        scripts += f" {_hash(added_script.encode())}"
    return f"{_LOADS}; {frames}; frame-ancestors {ancestors}; script-src {scripts}"


def notice_policy(document: bytes) -> str:
    """Return the policy of a page that loads nothing and only checks whether the site is back."""
    return (
        "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors 'none'; script-src {_script_hashes(document)}"
    )


def _script_hashes(document: bytes) -> str:
    scripts = dict.fromkeys(_INLINE_SCRIPT.findall(document))
    return " ".join(map(_hash, scripts))


def _hash(script: bytes) -> str:
    return f"'sha256-{b64encode(sha256(script).digest()).decode()}'"
