"""Repairs server URLs and stream keys, which people paste into encoders in many variants.

A ``form`` holds the fields of an nginx-rtmp callback.
"""

from collections.abc import Mapping
from urllib.parse import parse_qs, unquote, urlsplit

APPLICATION = "live"
"""The RTMP application that encoders publish to."""


def repair_pasted_stream_key(form: Mapping[str, str]) -> dict[str, str]:
    """Return the form with the ``app``, ``name`` and ``key`` of a correctly pasted ``<channel_id>?key=<secret>``.

    Accepts spaces and newlines around the key, slashes around its parts, a percent-encoded ``?key=``, the secret
    appended to the application name (``live?key=…``), and a complete URL in one field. An ambiguous form is returned
    unchanged. All other fields, such as ``addr`` and ``clientid``, are unchanged.
    """
    path, secrets = _path_and_secrets(form.get("name", ""))
    secrets |= {form["key"].strip()} if form.get("key", "").strip() else set()
    secrets = secrets or _path_and_secrets(form.get("tcurl", ""))[1]
    segments = _path_and_secrets(form.get("app", ""))[0] + path
    while segments[:1] == [APPLICATION]:
        segments = segments[1:]
    if "app" not in form or len(segments) != 1 or len(secrets) > 1:
        return dict(form)
    return {**form, "app": APPLICATION, "name": segments[0], "key": next(iter(secrets), "")}


def _path_and_secrets(text: str) -> tuple[list[str], set[str]]:
    """Return the path segments of a URL, or of a part of a URL, and the secrets in its query (none or one)."""
    text = unquote(text).strip()
    if not text.isprintable():
        return [], set()
    try:
        address = urlsplit(text if "://" in text else f"rtmp:///{text.lstrip('/')}")
        query = parse_qs(address.query, max_num_fields=8)
    except ValueError:
        return [], set()
    path = [segment.strip() for segment in address.path.split("/") if segment.strip()]
    return path, {secret for secret in map(str.strip, query.get("key", [])[:1]) if secret}
