"""Types of the settings: how their text is parsed, and the hint in the error message for a wrong value."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Literal, Self

from pydantic import (
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ByteSize,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode

DURATION_MAX = timedelta(days=400)
"""The longest lifetime of a cookie that browsers accept."""
LONG_DURATION_MAX = timedelta(days=36_500)


def _read_by(parse: Callable[[str], object], hint: str) -> BeforeValidator:
    """Return a validator that passes text to ``parse``, and replaces its errors by ``hint``: how to write the value."""

    def read(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return parse(value.strip())
        except (ValueError, OverflowError):
            raise ValueError(hint) from None

    return BeforeValidator(read)


def _matching(pattern: str) -> Callable[[str], str | None]:
    def parse(text: str) -> str | None:
        if text and not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError
        return text or None

    return parse


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _duration(text: str, most: timedelta = DURATION_MAX) -> timedelta:
    try:
        duration = timedelta(seconds=float(text))
    except ValueError:
        duration = TypeAdapter(timedelta).validate_python(text)
    if not timedelta(0) < duration <= most:
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
    if "%" in text:  # an IPv6 scope may contain any text, and the address is written to nginx.conf
        raise ValueError
    return str(ip_address(text))


def _host(text: str) -> str:
    with suppress(ValueError):
        return _address(text)
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", text):
        raise ValueError
    return text


Port = Annotated[int, Field(ge=1, le=65535), _read_by(int, "use a whole number, 1 to 65535")]
Count = Annotated[int, Field(ge=1), _read_by(int, "use a whole number, 1 or more")]
HashCost = Annotated[int, Field(ge=10, le=16), _read_by(int, "use a whole number, 10 to 16")]
Duration = Annotated[
    timedelta,
    Field(gt=timedelta(0), le=DURATION_MAX),
    _read_by(_duration, "use seconds, above 0 and up to 400 days, as in 20 or 0.5"),
]
"""A duration: a number of seconds, or ISO 8601 (``PT20S``)."""
LongDuration = Annotated[
    timedelta,
    Field(gt=timedelta(0), le=LONG_DURATION_MAX),
    _read_by(
        partial(_duration, most=LONG_DURATION_MAX), "use seconds, or days as in P365D, above 0 and up to 100 years"
    ),
]
"""A duration that may be longer than others."""
Size = Annotated[int, Field(ge=1), _read_by(_size, "use bytes, as in 500000000 or 20GB")]
"""A number of bytes."""
SecretKey = Annotated[
    SecretStr | None,
    Field(min_length=32),
    _read_by(_matching(r".{32,}"), "use 32 characters or more; `openssl rand -hex 32` makes a good one"),
]
IngestSecret = Annotated[
    SecretStr | None,
    Field(min_length=32),
    _read_by(
        _matching(r"[A-Za-z0-9_-]{32,128}"), "use 32 letters and digits or more, as `openssl rand -hex 32` prints"
    ),
]
MongoUrl = Annotated[
    SecretStr | None,
    _read_by(_matching(r"mongodb(\+srv)?://.+"), "it looks like mongodb://user:password@host:27017/database"),
]
RedisUrl = Annotated[
    SecretStr | None, _read_by(_matching(r"(rediss?|unix)://.+"), "it looks like redis://user:password@host:6379/0")
]
SmtpUrl = Annotated[
    SecretStr | None,
    _read_by(_matching(r"smtps?://([^@/\s]+@)?[^@/:\s]+(:\d{1,5})?/?"), "it looks like smtp://user:password@host:587"),
]
MailFrom = Annotated[
    str | None,
    _read_by(_matching(r"([^<>\r\n]+ <)?[^<>@\s]+@[^<>@\s]+>?"), "it looks like My site <noreply@live.example.com>"),
]
OtlpEndpoint = Annotated[
    str | None,
    _read_by(_matching(r"https?://[^\s@?#]+"), "it looks like http://collector:4318, without user and password"),
]
Servers = Annotated[
    str | None,
    _read_by(
        _matching(r"([\w.-]+|\[[\da-fA-F:]+\]):\d{1,5}(\s*,\s*([\w.-]+|\[[\da-fA-F:]+\]):\d{1,5})*"),
        "use host:port, separated by commas",
    ),
]
PublicUrl = Annotated[AnyHttpUrl | None, _read_by(_matching(r"https?://.+"), "it looks like https://live.example.com")]
BindHost = Annotated[str, _read_by(_address, "use an IP address: :: for all addresses, 127.0.0.1 for this machine")]
Host = Annotated[str, _read_by(_host, "use a host name or an IP address, without a port")]
Networks = Annotated[
    tuple[IPv4Network | IPv6Network, ...],
    NoDecode,
    _read_by(_networks, "use networks separated by commas, as in 127.0.0.0/8,fd00::/8, or none"),
]


class OidcClient(BaseModel, frozen=True, extra="forbid"):
    """The registration of this site at an OpenID Connect provider."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    """The provider's id in paths and in the store. It must not change."""
    name: str = Field(min_length=1, max_length=40)
    """The text of the button."""
    issuer: str = Field(pattern=r"^(https://\S+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/\S*)?)$")
    """The issuer's URL, exactly as in its discovery document. Without TLS only on this machine."""
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = Field(min_length=1)


_OIDC_HINT = (
    'use JSON, as in [{"id": "work", "name": "Work", "issuer": "https://…", "client_id": "…", "client_secret": "…"}]'
)


def _oidc_clients(value: object) -> object:
    """Parse the JSON of ``OidcClients``; raises ``ValueError`` with the place of the first error, without the value."""
    if not isinstance(value, str):
        return value
    try:
        return TypeAdapter(tuple[OidcClient, ...]).validate_json(value)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{_OIDC_HINT} ({f'{place}: ' if place else ''}{first['msg']})") from None


def oidc_json(clients: tuple[OidcClient, ...]) -> str:
    """Return the text of ``OidcClients``, with the secrets."""
    return json.dumps(
        [client.model_dump() | {"client_secret": client.client_secret.get_secret_value()} for client in clients]
    )


OidcClients = Annotated[tuple[OidcClient, ...], NoDecode, BeforeValidator(_oidc_clients)]
Child = Literal["nginx", "packager", "workers"]
Children = Annotated[
    frozenset[Child], NoDecode, _read_by(_children, "use nginx,packager,workers, some of them, or none")
]


FirstPort = Annotated[int, Field(ge=1, le=65_000), _read_by(int, "use a whole number, 1 to 65000")]
"""The first one of several ports."""
WEB_PROCESSES_MAX = 20
"""Maximum number of web processes on one machine: each has a port for its metrics."""
WebProcessCount = Annotated[
    int,
    Field(ge=1, le=WEB_PROCESSES_MAX),
    _read_by(int, f"use a whole number, 1 to {WEB_PROCESSES_MAX}"),
]


class WebProcessSettings(BaseSettings):
    """The settings of the feed and of several web processes, on one machine or on several."""

    feed: Literal["web", "own"] = "web"
    """Which process serves the feed: the web process, or ``python -m streaming_app.backend feed``."""
    web_processes: WebProcessCount = 1
    """Number of web processes that the supervisor runs. More than one need Redis, Kafka and MongoDB."""
    web_process: WebProcessCount = 1
    """Number of this web process on its machine, which decides about the port of its metrics."""
    more_web_port: FirstPort = 8200
    """Port of the second web process. Its feed has the next port, and further web processes the ports after that."""
    web_upstreams: Servers = None
    """Addresses of all web processes, on all machines. By default those of this machine."""
    feed_upstreams: Servers = None
    """Addresses of all feeds, on all machines. By default those of this machine."""

    @model_validator(mode="after")
    def _feeds_are_known(self) -> Self:
        if self.web_upstreams and not self.feed_upstreams and self.feed == "web":
            raise ValueError("FEED_UPSTREAMS must be set when WEB_UPSTREAMS is, because each web process serves a feed")
        return self

    @property
    def more_web_ports(self) -> range:
        """The ports of further web processes and their feeds: two for each."""
        return range(self.more_web_port, self.more_web_port + 2 * (self.web_processes - 1))

    @property
    def has_several_web_processes(self) -> bool:
        """Whether the site has several web processes, on this machine or on several."""
        return self.web_processes > 1 or self.web_process > 1 or "," in (self.web_upstreams or "")


class SignInProviderSettings(BaseSettings):
    """The settings of sign-in with other sites."""

    public_url: PublicUrl = None
    """The public URL of the site, for link previews and encoders. By default it is taken from the request."""
    google_client_id: str | None = None
    """Client ID for "Sign in with Google". Requires ``google_client_secret``."""
    google_client_secret: SecretStr | None = None
    vk_client_id: str | None = None
    """ID of the application at VK ID."""
    vk_client_secret: SecretStr | None = None
    """Protected key of the application at VK ID. VK ID also accepts sign-ins without it."""
    vk_id_url: AnyHttpUrl = AnyHttpUrl("https://id.vk.com")
    """VK ID's server."""
    oidc_providers: OidcClients = ()
    """Further OpenID Connect providers, as JSON."""

    @model_validator(mode="after")
    def _sign_in_providers_are_complete(self) -> Self:
        if (self.google_client_id is None) != (self.google_client_secret is None):
            raise ValueError("GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET must be set together")
        ids = ["google", "vk", *(client.id for client in self.oidc_providers)]
        if len(set(ids)) < len(ids):
            raise ValueError("OIDC_PROVIDERS must have a different id for each provider, and not google or vk")
        if (self.google_client_id or self.vk_client_id or self.oidc_providers) and not self.public_url:
            raise ValueError(
                "PUBLIC_URL must be set, as in https://live.example.com, when GOOGLE_CLIENT_ID, VK_CLIENT_ID or"
                " OIDC_PROVIDERS is, because the providers send users back to it"
            )
        return self
