"""Form bodies as nginx-rtmp writes them, with the publisher's own query appended unescaped."""

from urllib.parse import parse_qsl

FIELDS_MAX = 64


def parse_callback_form(body: bytes) -> dict[str, str]:
    """The first of each field: it is nginx-rtmp's own. Raises ``ValueError`` when the body is no form."""
    return dict(reversed(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX)))
