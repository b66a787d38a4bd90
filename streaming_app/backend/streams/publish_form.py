"""Server address and stream key as people paste them into encoders, brought into the one form that callbacks expect."""

from collections.abc import Mapping
from urllib.parse import parse_qs, unquote, urlsplit

APPLICATION = "live"
"""Where encoders publish."""


def normalize_publish_form(form: Mapping[str, str]) -> dict[str, str]:
    """The callback's form with ``app``, ``name`` and ``key`` as if ``<channel_id>?key=<secret>`` had been pasted right.

    Understood are blanks and newlines around the key, slashes around its parts, ``%3Fkey%3D``, the secret behind the
    application (``live?key=…``), and a whole address in one field. What has two meanings stays as it is, and so does
    what nginx itself says in the other fields.
    """
    path, secrets = _parts(form.get("name", ""))
    secrets |= {form["key"].strip()} if form.get("key", "").strip() else set()
    secrets = secrets or _parts(form.get("tcurl", ""))[1]
    rest = _parts(form.get("app", ""))[0] + path
    while rest[:1] == [APPLICATION]:
        rest = rest[1:]
    if "app" not in form or len(rest) != 1 or len(secrets) > 1:
        return dict(form)
    return {**form, "app": APPLICATION, "name": rest[0], "key": next(iter(secrets), "")}


def _parts(text: str) -> tuple[list[str], set[str]]:
    """The path's segments in an address or a part of one, and the secret in its query."""
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
