"""Parses the form bodies of nginx-rtmp's callbacks."""

from urllib.parse import parse_qsl

FIELDS_MAX = 64


def parse_callback_form(body: bytes) -> dict[str, str]:
    """Return the first value of each field; raises ``ValueError`` if the body is not a form.

    nginx-rtmp appends the publisher's query unescaped, so later values may be forged by the publisher.
    """
    return dict(reversed(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX)))
