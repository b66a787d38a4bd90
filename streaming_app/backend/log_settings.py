"""The settings of logs and traces."""

from datetime import timedelta
from typing import Literal

from pydantic_settings import BaseSettings

from streaming_app.backend.setting_types import Duration, OtlpEndpoint


class LogSettings(BaseSettings):
    """What is logged and traced, and how."""

    log_format: Literal["auto", "text", "json"] = "auto"
    """Form of the lines: ``auto`` means text for people on a terminal, and JSON otherwise."""
    log_level: Literal["debug", "info", "warning"] = "info"
    """Least level of the lines of the site's own code."""
    log_sink_interval: Duration = timedelta(minutes=5)
    """How long the worker ``log-sink`` collects events until it writes a file."""
    log_sink_retention: Duration = timedelta(days=90)
    """How long the files of ``log-sink`` are kept."""
    otel_exporter_otlp_endpoint: OtlpEndpoint = None
    """URL of the collector that receives traces by OTLP over HTTP. Without it nothing is traced."""
