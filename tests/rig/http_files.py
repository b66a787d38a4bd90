"""Reads ``.http`` files: requests for the HTTP clients of editors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_EXPECTED = re.compile(r"expect (\d{3})")


@dataclass(frozen=True)
class HttpRequest:
    """One request of a file."""

    name: str
    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: str = ""

    @property
    def expected_status(self) -> int | None:
        """The status in the name of the request, as in "expect 404"."""
        match = _EXPECTED.search(self.name)
        return int(match[1]) if match else None


def read_requests(file: Path, variables: Mapping[str, str]) -> list[HttpRequest]:
    """Return the requests of ``file``, with ``variables`` instead of the values in the file."""
    head, *blocks = re.split(r"^###", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    values = dict(re.findall(r"^@(\w+) = (.*)$", head, re.MULTILINE)) | dict(variables)
    return [_read(re.sub(r"{{(\w+)}}", lambda match: values[match[1]], block)) for block in blocks]


def _read(block: str) -> HttpRequest:
    name, _, text = block.strip().partition("\n")
    head, _, body = text.partition("\n\n")
    first, *lines = head.splitlines()
    method, url = first.split()
    return HttpRequest(name.strip(), method, url, dict(line.split(": ", 1) for line in lines), body.strip())
