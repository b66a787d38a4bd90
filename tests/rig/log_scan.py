"""Finds secrets in the logs of servers that tests have started. ``tests/conftest.py`` searches all logs of a run."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from streaming_app.backend.accounts.api_tokens import PREFIX
from streaming_app.backend.adapters.site_secret import SECRET_MIN_CHARACTERS
from tests.rig.site_accounts import PASSWORD as BROWSER_PASSWORD
from tests.state.conftest import PASSWORD

SECRETS = {
    "session token": re.compile(r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    "stream key": re.compile(r"[?&]key=[\w-]{16,}"),
    "API token": re.compile(rf"\b{PREFIX}[\w-]{{16,}}"),
    "secret of a link": re.compile(r"(?:#|[?&](?:secret|token|code|state|ticket)=)[\w-]{32,}"),
    "cookie": re.compile(r"\bcookie[\"']?\s*[:=]\s*[\"']?\w+=|streaming_(?:session|viewer|known)=", re.IGNORECASE),
    "authorization": re.compile(r"\bauthorization[\"']?\s*[:=]|\b(?:bearer|basic) [\w+/=-]{16,}", re.IGNORECASE),
    "password": re.compile("|".join(map(re.escape, (BROWSER_PASSWORD, PASSWORD)))),
}
"""What no log may contain, by name."""
TAB_TOKEN = re.compile(r"/_event/?\?token=[\w-]{36}")
"""The token of a tab in an address of the event websocket. It gives no access to a session."""

_KAFKA_SEGMENT = re.compile(r"\d{20}\.log")


def secrets_in(text: str, known: Iterable[str] = ()) -> Iterator[tuple[int, str]]:
    """Yield the number of each line with a secret, and the name of the secret. ``known`` are further secrets."""
    for number, line in enumerate(text.splitlines(), start=1):
        cleaned = TAB_TOKEN.sub("", _unescaped(line))
        yield from ((number, name) for name, pattern in SECRETS.items() if pattern.search(cleaned))
        yield from ((number, "key of the site") for secret in known if secret in line)


def _unescaped(line: str) -> str:
    """Return a line of JSON with its texts as they were before they were escaped; other lines unchanged."""
    if not line.startswith("{"):
        return line
    try:
        fields: dict[str, object] = json.loads(line)
    except ValueError:
        return line
    return "\n".join([line, *(text for text in fields.values() if isinstance(text, str))])


def secrets_in_logs(folder: Path, clients: Iterable[Path]) -> list[str]:
    """Return ``file:line: name`` for each secret in a log below ``folder``. ``clients`` are logs of no server."""
    skipped = set(clients)
    logs = [log for log in folder.rglob("*.log*") if log.is_file() and not _KAFKA_SEGMENT.match(log.name)]
    keys = [key for file in folder.rglob("secret.key") if len(key := _text(file).strip()) >= SECRET_MIN_CHARACTERS]
    return [
        f"{log}:{number}: {name}"
        for log in sorted(logs)
        if log not in skipped
        for number, name in secrets_in(_text(log), keys)
    ]


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
