"""Reads secrets from files: ``SECRET_KEY_FILE=/run/secrets/key`` in place of ``SECRET_KEY=…``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from streaming_app.backend.errors import SetupError

FROM_FILES = (
    *("secret_key", "ingest_secret", "mongo_url", "redis_url", "smtp_url", "captcha_secret"),
    *("google_client_secret", "vk_client_secret", "oidc_providers"),
)
"""Settings that a file may contain."""
SUFFIX = "_file"


class SecretFiles(PydanticBaseSettingsSource):
    """Source of the settings that are named by ``*_FILE`` variables. A setting's own variable has precedence."""

    def __init__(self, settings_cls: type[BaseSettings], environment: Sequence[PydanticBaseSettingsSource]) -> None:
        super().__init__(settings_cls)
        self._environment: list[Mapping[str, str | None]] = [getattr(source, "env_vars", {}) for source in environment]

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Return the content of the setting's file; ``None`` if no variable names one. Raises ``SetupError``."""
        variable = field_name + SUFFIX
        path = next((found for variables in self._environment if (found := variables.get(variable))), None)
        return (_read(variable, Path(path)) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        fields = self.settings_cls.model_fields
        found = {name: self.get_field_value(fields[name], name)[0] for name in FROM_FILES}
        return {name: content for name, content in found.items() if content}


def _read(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as failed:
        reason = failed.strerror if isinstance(failed, OSError) else "it is no text file"
        raise SetupError(f"{variable.upper()}: {path} cannot be read ({reason}).") from None
