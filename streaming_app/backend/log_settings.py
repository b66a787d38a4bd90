"""The settings of logs."""

from typing import Literal

from pydantic_settings import BaseSettings


class LogSettings(BaseSettings):
    """What is logged, and how."""

    log_format: Literal["auto", "text", "json"] = "auto"
    """Form of the lines: ``auto`` means text for people on a terminal, and JSON otherwise."""
    log_level: Literal["debug", "info", "warning"] = "info"
    """Least level of the lines of the site's own code."""
