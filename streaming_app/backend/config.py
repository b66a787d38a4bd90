"""What an operator may set, read once at start. Values only: nothing is opened or built here."""

import os
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self, cast

from pydantic import (
    AnyHttpUrl,
    BeforeValidator,
    ByteSize,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from streaming_app.backend.errors import SetupError

SECRET = {"secret_key", "mongo_url", "redis_url", "kafka_bootstrap_servers"}
"""Settings that give power over the site, or need one that does."""
DURATION_MAX = timedelta(days=400)
"""No browser keeps a cookie longer, and nothing else here lasts so long."""


def _read_by(parse: Callable[[str], object], words: str) -> BeforeValidator:
    """Text goes through ``parse``; what that cannot read is refused with ``words``: how to write it."""

    def read(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return parse(value.strip())
        except (ValueError, OverflowError):
            raise ValueError(words) from None

    return BeforeValidator(read)


def _matching(pattern: str) -> Callable[[str], str | None]:
    def parse(text: str) -> str | None:
        if text and not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError
        return text or None

    return parse


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _duration(text: str) -> timedelta:
    try:
        duration = timedelta(seconds=float(text))
    except ValueError:
        duration = TypeAdapter(timedelta).validate_python(text)
    if not timedelta(0) < duration <= DURATION_MAX:
        raise ValueError
    return duration


def _size(text: str) -> int:
    return int(TypeAdapter(ByteSize).validate_python(text))


def _networks(text: str) -> object:
    return tuple(ip_network(part) for part in _parts(text) if part != "none")


def _children(text: str) -> set[str]:
    names = set(_parts(text)) - {"none"}
    if names - {"nginx", "packager", "workers"}:
        raise ValueError
    return names


def _address(text: str) -> str:
    if "%" in text:  # after it a scope could say anything, and this goes into nginx.conf
        raise ValueError
    return str(ip_address(text))


Port = Annotated[int, Field(ge=1, le=65535), _read_by(int, "use a whole number, 1 to 65535")]
Count = Annotated[int, Field(ge=1), _read_by(int, "use a whole number, 1 or more")]
Duration = Annotated[
    timedelta,
    Field(gt=timedelta(0), le=DURATION_MAX),
    _read_by(_duration, "use seconds, above 0 and up to 400 days, as in 20 or 0.5"),
]
"""A number of seconds, or ISO 8601 (``PT20S``)."""
Size = Annotated[int, Field(ge=1), _read_by(_size, "use bytes, as in 500000000 or 20GB")]
"""Bytes."""
SecretKey = Annotated[
    SecretStr | None,
    Field(min_length=32),
    _read_by(_matching(r".{32,}"), "use 32 characters or more; `openssl rand -hex 32` makes a good one"),
]
MongoUrl = Annotated[
    SecretStr | None,
    _read_by(_matching(r"mongodb(\+srv)?://.+"), "it looks like mongodb://user:password@host:27017/database"),
]
RedisUrl = Annotated[
    SecretStr | None, _read_by(_matching(r"(rediss?|unix)://.+"), "it looks like redis://user:password@host:6379/0")
]
Servers = Annotated[
    str | None,
    _read_by(
        _matching(r"([\w.-]+|\[[\da-fA-F:]+\]):\d{1,5}(\s*,\s*([\w.-]+|\[[\da-fA-F:]+\]):\d{1,5})*"),
        "use host:port, with a comma between several",
    ),
]
PublicUrl = Annotated[AnyHttpUrl | None, _read_by(_matching(r"https?://.+"), "it looks like https://live.example.com")]
BindHost = Annotated[str, _read_by(_address, "use an IP address: :: for everyone, 127.0.0.1 for this machine")]
Networks = Annotated[
    tuple[IPv4Network | IPv6Network, ...],
    NoDecode,
    _read_by(_networks, "use networks with a comma between them, as in 127.0.0.0/8,fd00::/8, or none"),
]
Child = Literal["nginx", "packager", "workers"]
Children = Annotated[
    frozenset[Child], NoDecode, _read_by(_children, "use nginx,packager,workers or some of them or none")
]


class Settings(BaseSettings):
    """One frozen object, from the environment and ``.env``. ``.env.example`` documents each variable."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Path("data")
    """State that survives a restart: database, secret key, video."""
    secret_key: SecretKey = None
    """Signs sessions and guards stream keys. Made and kept in ``data_dir`` while one process is the whole site."""
    public_url: PublicUrl = None
    """The address people type, for link previews and encoders; otherwise taken from the request."""

    bind_host: BindHost = "::"
    """Where the front door and the ingest listen; ``::`` is every address, of IPv4 too."""
    trusted_proxies: Networks = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    """Proxies before the front door, whose ``X-Forwarded-For``, ``-Proto`` and ``-Host`` are believed."""
    http_port: Port = 8080
    """The front door: pages, websockets, API and video share this origin."""
    https_port: Port = 8443
    """The front door with TLS and HTTP/2, when there is a certificate."""
    tls_certificate: Path | None = None
    """PEM, with the intermediate certificates; needs ``tls_key`` and a ``public_url`` that begins with https."""
    tls_key: Path | None = None
    rtmp_port: Port = 1935
    web_port: Port = 8000
    """The web process, behind the front door, loopback only."""
    feed_port: Port = 8001
    """The feed's websocket server, behind the front door, loopback only."""
    packager_port: Port = 8003
    """The packager's HTTP server, behind the front door, loopback only."""
    ingest_port: Port = 8004
    """nginx-rtmp itself, behind ``rtmp_port``, loopback only."""
    nginx_admin_port: Port = 8002
    """nginx's ``/stat`` and ``/control``, loopback only."""

    mongo_url: MongoUrl = None
    """``mongodb://…/database``; without it the store is SQLite in ``data_dir``."""
    kafka_bootstrap_servers: Servers = None
    """``host:port,…``; without it the bus lives inside the one process."""
    kafka_topic_prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$")
    """Put before each topic and group, so that sites can share a cluster."""
    feed: Literal["web", "own"] = "web"
    """Who serves the feed: the web process, or one of its own, ``python -m streaming_app.backend feed``."""
    redis_url: RedisUrl = None
    """Where Reflex keeps its tabs when there are several web processes."""
    supervise: Children = frozenset({"nginx", "packager", "workers"})
    """What the supervisor runs beside the web process; ``none`` where an orchestrator does."""

    session_lifetime: Duration = timedelta(days=30)
    tabs_max: Count = 5_000
    """Open pages of one web process, with what is kept for some that were just closed: 200 KB each."""
    tabs_max_per_address: Count = 500
    """Open pages from one IPv4 address or IPv6 /64."""
    tab_lifetime: Duration = timedelta(minutes=2)
    """How long the state of a page is kept after its connection was lost, when nobody is signed in there ..."""
    signed_in_tab_lifetime: Duration = timedelta(minutes=30)
    """... and when somebody is."""
    registration_burst: Count = 10
    """Accounts that may be made at once from one IPv4 address or IPv6 /64 ..."""
    registration_refill: Duration = timedelta(minutes=2)
    """... and how long each further one takes."""
    site_registration_burst: Count = 100
    """Accounts that may be made at once on the whole site (by each web process) ..."""
    site_registration_refill: Duration = timedelta(seconds=5)
    """... and how long each further one takes."""
    reconnect_grace: Duration = timedelta(seconds=20)
    """How long a stream waits for a publisher that dropped before it ends."""
    end_hold: Duration = timedelta(seconds=60)
    """How long after "End stream" publishers are refused: encoders reconnect by themselves."""
    publisher_timeout: Duration = timedelta(seconds=15)
    """A publisher that nginx said nothing about for so long has vanished."""
    live_dir: Path | None = None
    """The newest minutes of low-latency video; without it a folder in memory, or below ``data_dir``."""
    live_window: Duration = timedelta(seconds=120)
    """How far back viewers can seek."""
    transcode: Literal["auto", "off"] = "auto"
    """Whether streams are offered in smaller renditions too."""
    transcode_max: Count = max(1, (os.cpu_count() or 1) // 2)
    """Streams that are transcoded at once; further ones are offered as they come."""
    thumbnail_interval: Duration = timedelta(seconds=10)
    recording_retention: Duration = timedelta(days=30)
    """How long a recording is kept after its stream."""
    recording_quota: Size = 20_000_000_000
    """What all recordings of one channel may take up; the oldest go for the newest."""
    recording_reserve: Size = 2_000_000_000
    """Nothing is recorded on a disk with less room than this."""
    chat_max_length: Count = 500
    """Characters in a chat message."""
    chat_burst: Count = 5
    """Messages a chatter may send at once ..."""
    chat_refill: Duration = timedelta(seconds=1)
    """... and how long each further one takes."""
    connections_per_address: Count = 1_000
    """Pages that one address may have open, and requests that it may have under way, at the front door."""
    rtmp_connections_per_address: Count = 20
    """Connections of encoders from one IPv4 address or IPv6 /64, trusted proxies aside."""
    requests_per_second_per_address: Count = 100
    """Pages and API calls, after a burst of ten times as many."""
    feed_max_connections: Count = 10_000
    """Browsers that one process keeps up to date at once; the front door has room for pages of so many."""
    feed_max_connections_per_address: Count = 1_000
    """Of those, from one address: a school or a mobile carrier may stand behind one."""
    feed_max_connections_per_account: Count = 50
    """Of those, by one user: all the tabs of all their browsers."""

    @property
    def feeds_take_turns(self) -> bool:
        """Whether there may be several on one machine, which then share the port."""
        return self.redis_url is not None and self.feed == "web"

    @property
    def transcoders(self) -> int:
        """Transcoders that may run at once."""
        return self.transcode_max if self.transcode == "auto" else 0

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        ports = [
            self.http_port,
            self.https_port,
            self.rtmp_port,
            self.web_port,
            self.feed_port,
            self.packager_port,
            self.ingest_port,
            self.nginx_admin_port,
        ]
        if len(set(ports)) < len(ports):
            message = (
                "HTTP_PORT, HTTPS_PORT, RTMP_PORT, WEB_PORT, FEED_PORT, PACKAGER_PORT, INGEST_PORT and"
                " NGINX_ADMIN_PORT must differ"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            message = "TLS_CERTIFICATE and TLS_KEY must be set together"
            raise ValueError(message)
        if self.tls_certificate and (self.public_url is None or self.public_url.scheme != "https"):
            message = "PUBLIC_URL must be set, as in https://live.example.com, when TLS_CERTIFICATE is"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _scaled_needs_a_key(self) -> Self:
        if (self.mongo_url or self.kafka_bootstrap_servers) and not self.secret_key:
            message = "SECRET_KEY must be set (32 characters or more) when MONGO_URL or KAFKA_BOOTSTRAP_SERVERS is"
            raise ValueError(message)
        return self


def as_environment(settings: Settings, *, with_secrets: bool) -> dict[str, str]:
    """The variables from which another process, in whatever folder, reads the same settings.

    Without secrets it can serve video, but neither reach the store and the bus of a site of several machines nor sign
    anything.
    """
    values = {name: getattr(settings, name) for name in Settings.model_fields}
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


def read_settings() -> Settings:
    """The settings of this process; raises ``SetupError``: one line that names each wrong variable, not its value."""
    try:
        return Settings()
    except ValidationError as invalid:
        problems = dict.fromkeys(_problem(error) for error in invalid.errors())
        message = f"The configuration is wrong. {'; '.join(problems)}. See .env.example."
        raise SetupError(message) from None


def _problem(error: ErrorDetails) -> str:
    words = error["msg"].removeprefix("Value error, ")
    return f"{str(error['loc'][0]).upper()}: {words}" if error["loc"] else words
