"""Turns the settings into environment variables, for the processes that the supervisor starts."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import cast

from pydantic import SecretStr

from streaming_app.backend.config import SECRET, Settings
from streaming_app.backend.setting_types import oidc_json


def as_environment(settings: Settings, *, with_secrets: bool) -> dict[str, str]:
    """Return environment variables from which a process in any folder reads the same settings.

    Without secrets, such a process can serve video, but cannot sign anything or connect to MongoDB, Kafka or Redis.
    """
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    values["oidc_providers"] = oidc_json(settings.oidc_providers)
    if not with_secrets:
        values = {name: value for name, value in values.items() if name not in SECRET}
    return {name.upper(): _text(value) for name, value in values.items() if value is not None}


def _text(value: object) -> str:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case timedelta():
            return str(value.total_seconds())
        case Path():
            return str(value.absolute())
        case frozenset() | tuple():
            return ",".join(sorted(map(str, cast("Iterable[object]", value)))) or "none"
        case _:
            return str(value)
