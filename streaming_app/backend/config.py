"""What an operator may set, read once at start. Values only: nothing is opened or built here."""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AnyHttpUrl, BeforeValidator, Field, PositiveInt, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from streaming_app.backend.errors import SetupError


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _seconds(value: object) -> object:
    return float(value) if isinstance(value, str) and value.replace(".", "", 1).isdecimal() else value


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


Port = Annotated[int, Field(ge=1, le=65535)]
Duration = Annotated[timedelta, BeforeValidator(_seconds), Field(gt=timedelta(0))]
"""A number of seconds, or ISO 8601 (``PT20S``)."""
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_empty_is_none)]
OptionalUrl = Annotated[AnyHttpUrl | None, BeforeValidator(_empty_is_none)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_split)]
Child = Literal["nginx", "workers"]
Children = Annotated[frozenset[Child], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """One frozen object, from the environment and ``.env``. ``.env.example`` documents each variable."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Path("data")
    """State that survives a restart: database, secret key, video."""
    secret_key: OptionalSecret = Field(default=None, min_length=32)
    """Signs sessions and guards stream keys. Made and kept in ``data_dir`` while one process is the whole site."""
    public_url: OptionalUrl = None
    """The address people type, for link previews and encoders; otherwise taken from the request."""

    bind_host: str = "0.0.0.0"  # noqa: S104 - viewers and encoders come from elsewhere
    """Where the front door and the ingest listen."""
    http_port: Port = 8080
    """The front door: pages, websockets, API and video share this origin."""
    rtmp_port: Port = 1935
    web_port: Port = 8000
    """The web process, behind the front door, loopback only."""
    feed_port: Port = 8001
    """The feed's websocket server, behind the front door, loopback only."""
    nginx_admin_port: Port = 8002
    """nginx's ``/stat`` and ``/control``, loopback only."""
    rtmp_callback_networks: Networks = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    """From where nginx may call ``/rtmp/``."""

    mongo_url: OptionalSecret = None
    """``mongodb://…/database``; without it the store is SQLite in ``data_dir``."""
    kafka_bootstrap_servers: str | None = None
    """``host:port,…``; without it the bus lives inside the one process."""
    kafka_topic_prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$")
    """Put before each topic and group, so that sites can share a cluster."""
    redis_url: OptionalSecret = None
    """Where Reflex keeps its tabs when there are several web processes."""
    supervise: Children = frozenset({"nginx", "workers"})
    """What the web process starts and watches as its children; empty where an orchestrator does."""

    session_lifetime: Duration = timedelta(days=30)
    reconnect_grace: Duration = timedelta(seconds=20)
    """How long a stream waits for a publisher that dropped before it ends."""
    end_hold: Duration = timedelta(seconds=60)
    """How long after "End stream" publishers are refused: encoders reconnect by themselves."""
    publisher_timeout: Duration = timedelta(seconds=15)
    """A publisher that nginx said nothing about for so long has vanished."""
    thumbnail_interval: Duration = timedelta(seconds=10)
    chat_max_length: PositiveInt = 500
    """Characters in a chat message."""
    chat_burst: PositiveInt = 5
    """Messages a chatter may send at once ..."""
    chat_refill: Duration = timedelta(seconds=1)
    """... and how long each further one takes."""

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        ports = [self.http_port, self.rtmp_port, self.web_port, self.feed_port, self.nginx_admin_port]
        if len(set(ports)) < len(ports):
            message = "HTTP_PORT, RTMP_PORT, WEB_PORT, FEED_PORT and NGINX_ADMIN_PORT must differ"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _scaled_needs_a_key(self) -> Self:
        if (self.mongo_url or self.kafka_bootstrap_servers) and not self.secret_key:
            message = "SECRET_KEY must be set (32 characters or more) when MONGO_URL or KAFKA_BOOTSTRAP_SERVERS is"
            raise ValueError(message)
        return self


def read_settings() -> Settings:
    """The settings of this process; raises ``SetupError`` with one line that names each wrong variable, not its value."""
    try:
        return Settings()
    except ValidationError as invalid:
        problems = [
            f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" if e["loc"] else e["msg"] for e in invalid.errors()
        ]
        message = f"The configuration is wrong. {'; '.join(problems)}. See .env.example."
        raise SetupError(message) from None
