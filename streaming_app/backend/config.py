"""The settings of the site, read once at start from the environment and ``.env``."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from streaming_app.backend.errors import SetupError
from streaming_app.backend.log_settings import LogSettings
from streaming_app.backend.network_settings import NetworkSettings
from streaming_app.backend.secret_files import SecretFiles
from streaming_app.backend.setting_types import (
    Children,
    Count,
    Duration,
    HashCost,
    LongDuration,
    MailFrom,
    MongoUrl,
    RedisUrl,
    SecretKey,
    Servers,
    SignInProviderSettings,
    Size,
    SmtpUrl,
)

SECRET = {
    *("secret_key", "mongo_url", "redis_url", "kafka_bootstrap_servers", "smtp_url"),
    *("mail_from", "require_confirmed_email"),  # not valid without smtp_url
    *("captcha_secret", "captcha_provider", "captcha_site_key"),
    *("google_client_id", "google_client_secret", "vk_client_id", "vk_client_secret", "oidc_providers"),
    "otel_exporter_otlp_endpoint",
}
"""Settings that are secret, or whose server must not be reachable for processes that handle untrusted input."""


class Settings(NetworkSettings, LogSettings, SignInProviderSettings):
    """All settings, immutable. ``.env.example`` documents each variable."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Path("data")
    """Folder for everything that survives a restart: database, secret key, video."""
    nginx_dir: Path | None = None
    """Folder of nginx's configuration and logs. By default ``nginx`` in ``data_dir``."""
    secret_key: SecretKey = None
    """Secret for the keys of sessions and stream keys. By default it is generated in ``data_dir``."""

    mongo_url: MongoUrl = None
    """``mongodb://…/database``. Without it the store is SQLite in ``data_dir``."""
    kafka_bootstrap_servers: Servers = None
    """``host:port,…``. Without it the event bus runs inside the web process."""
    kafka_topic_prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$")
    """Prefix of all topics and groups, so that several sites can share a cluster."""
    kafka_retention: Duration = timedelta(days=7)
    """How long topics keep messages at least. Kafka deletes them at most a seventh of this time later."""
    redis_url: RedisUrl = None
    """Redis for what several web processes share: the states of open pages, and rate limits."""
    smtp_url: SmtpUrl = None
    """``smtp://`` (STARTTLS) or ``smtps://`` server for mail. Without it the site sends no mail."""
    mail_from: MailFrom = None
    """Sender of the site's mail. Requires ``smtp_url``."""
    require_confirmed_email: bool = False
    """Whether only users with a confirmed email may chat and stream. Requires ``smtp_url``."""
    supervise: Children = frozenset({"nginx", "packager", "workers"})
    """Programs that the supervisor runs in addition to the web process; ``none`` if an orchestrator runs them."""

    session_lifetime: Duration = timedelta(days=30)
    """How long a sign-in is valid."""
    session_idle_lifetime: Duration = timedelta(days=14)
    """How long a sign-in is valid after its last use."""
    audit_log_retention: Duration = timedelta(days=180)
    """How long entries of the audit log are kept. A change applies to new entries."""
    recent_sign_in: Duration = timedelta(minutes=15)
    """How long after a sign-in security settings may be changed. Later, users have to confirm that it is them."""
    account_deletion_delay: Duration = timedelta(days=14)
    """How long users can change their mind after they asked to delete their account."""
    password_hash_cost: HashCost = 12
    """Cost of bcrypt. One more doubles the time: 12 takes about 0.25 s. A sign-in replaces a hash of another cost."""
    tabs_max: Count = 5_000
    """Maximum number of open pages of a web process, including recently closed ones: about 75 KB each
    without a signed-in user, more with one."""
    tabs_max_per_address: Count = 500
    """Maximum number of open pages from one IPv4 address or IPv6 /64."""
    tab_lifetime: Duration = timedelta(minutes=2)
    """How long a page's state is kept after its connection is lost, without a signed-in user."""
    signed_in_tab_lifetime: Duration = timedelta(minutes=30)
    """How long a page's state is kept after its connection is lost, with a signed-in user."""
    registration: Literal["open", "invitation", "closed"] = "open"
    """Who may register: everybody, people with an invitation, or nobody."""
    registration_burst: Count = 10
    """Maximum number of registrations at once from one IPv4 address or IPv6 /64."""
    registration_refill: Duration = timedelta(minutes=2)
    """Interval of further registrations from one address."""
    site_registration_burst: Count = 100
    """Maximum number of registrations at once on the whole site."""
    site_registration_refill: Duration = timedelta(seconds=5)
    """Interval of further registrations on the whole site."""
    captcha_provider: Literal["hcaptcha", "turnstile"] | None = None
    """Provider of a captcha in the forms that strangers send. Without it there is no captcha."""
    captcha_site_key: str | None = None
    captcha_secret: SecretStr | None = None
    captcha_verify_url: AnyHttpUrl | None = None
    """Where answers are checked, if not at the provider itself."""
    streaming: Literal["open", "request", "closed"] = "open"
    """Who may stream: everybody, users whom staff approved, or only users whom an admin approved."""
    reconnect_grace: Duration = timedelta(seconds=20)
    """How long a stream waits for a disconnected publisher before it ends."""
    end_hold: Duration = timedelta(seconds=60)
    """How long publishers are rejected after "End stream", because encoders reconnect automatically."""
    publisher_timeout: Duration = timedelta(seconds=15)
    """How long nginx may report nothing about a publisher before it counts as disconnected."""
    live_dir: Path | None = None
    """Folder of the low-latency video. By default a folder in memory, or below ``data_dir``."""
    live_window: Duration = timedelta(seconds=120)
    """How far back viewers can seek."""
    transcode: Literal["auto", "off"] = "auto"
    """Whether streams are transcoded into smaller renditions."""
    transcode_max: Count = max(1, (os.cpu_count() or 1) // 2)
    """Maximum number of streams that are transcoded at once. Further ones have only the source rendition."""
    thumbnail_interval: Duration = timedelta(seconds=10)
    recording_retention: Duration = timedelta(days=30)
    """How long a recording is kept after its stream."""
    recording_quota: Size = 20_000_000_000
    """Maximum size of all recordings of a channel. The oldest are deleted for the newest."""
    recording_reserve: Size = 2_000_000_000
    """Free disk space below which nothing is recorded."""
    chat_retention: LongDuration | None = None
    """How long chat is kept. By default for ever."""
    chat_max_length: Count = 500
    """Maximum number of characters in a chat message."""
    chat_burst: Count = 5
    """Maximum number of messages that a chatter may send at once."""
    chat_refill: Duration = timedelta(seconds=1)
    """Interval of further messages of a chatter."""
    api_burst: Count = 300
    """Maximum number of API requests of one token, user or address at once."""
    api_refill: Duration = timedelta(seconds=0.2)
    """Interval of further API requests."""
    connections_per_address: Count = 1_000
    """Maximum number of open pages and of concurrent requests from one address, in nginx."""
    rtmp_connections_per_address: Count = 20
    """Maximum number of encoder connections from one IPv4 address or IPv6 /64, except trusted proxies."""
    requests_per_second_per_address: Count = 100
    """Maximum rate of page and API requests from one address, after a burst of ten times as many."""
    feed_max_connections: Count = 10_000
    """Maximum number of browsers connected to the feed of one process. nginx allows pages for as many."""
    feed_max_connections_per_address: Count = 1_000
    """Maximum number of feed connections, and of real-time viewers, from one address; a school may share one."""
    feed_max_connections_per_account: Count = 50
    """Maximum number of feed connections of one user, in all tabs and browsers."""
    realtime_max_viewers: Count = 2_000
    """Maximum number of viewers who get frames in real time. Others get low-latency HLS."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - required by pydantic-settings
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where settings come from, in order of precedence: arguments, environment, ``.env``, ``*_FILE``."""
        environment = env_settings, dotenv_settings
        return init_settings, *environment, SecretFiles(settings_cls, environment)

    @property
    def transcoders(self) -> int:
        """Maximum number of transcoders that run at once."""
        return self.transcode_max if self.transcode == "auto" else 0

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
    def _captcha_is_complete(self) -> Self:
        if len({bool(value) for value in (self.captcha_provider, self.captcha_site_key, self.captcha_secret)}) > 1:
            message = "CAPTCHA_PROVIDER, CAPTCHA_SITE_KEY and CAPTCHA_SECRET must be set together"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _mail_is_complete(self) -> Self:
        if (self.smtp_url is None) != (self.mail_from is None):
            message = "SMTP_URL and MAIL_FROM must be set together"
            raise ValueError(message)
        if self.require_confirmed_email and not self.smtp_url:
            message = "SMTP_URL must be set when REQUIRE_CONFIRMED_EMAIL is, because emails are confirmed by mail"
            raise ValueError(message)
        if self.smtp_url and not self.public_url:
            message = "PUBLIC_URL must be set, as in https://live.example.com, when SMTP_URL is, for the links in mails"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _scaled_needs_a_key(self) -> Self:
        if (self.mongo_url or self.kafka_bootstrap_servers) and not self.secret_key:
            message = "SECRET_KEY must be set (32 characters or more) when MONGO_URL or KAFKA_BOOTSTRAP_SERVERS is"
            raise ValueError(message)
        return self


def check_processes(settings: Settings) -> None:
    """Raises ``SetupError`` if a setting for several processes lacks another one that it needs."""
    if settings.kafka_bootstrap_servers and not settings.mongo_url:
        raise SetupError(
            "KAFKA_BOOTSTRAP_SERVERS needs MONGO_URL: with Kafka the site is several processes, and they share a store."
        )
    if settings.redis_url and not settings.kafka_bootstrap_servers:
        raise SetupError(
            "REDIS_URL needs KAFKA_BOOTSTRAP_SERVERS (and MONGO_URL): it is for several web processes, which exchange"
            " events over Kafka."
        )
    if settings.has_several_web_processes and not settings.redis_url:
        raise SetupError(
            "Several web processes (WEB_PROCESSES, WEB_UPSTREAMS) need REDIS_URL, KAFKA_BOOTSTRAP_SERVERS and"
            " MONGO_URL, which they share."
        )
    if (
        settings.kafka_bootstrap_servers
        and settings.chat_retention
        and settings.chat_retention < settings.kafka_retention
    ):
        message = "CHAT_RETENTION must not be below KAFKA_RETENTION, because Kafka keeps messages for that time."
        raise SetupError(message)
    if settings.feed == "own" and not settings.kafka_bootstrap_servers:
        raise SetupError(
            "FEED=own needs KAFKA_BOOTSTRAP_SERVERS (and MONGO_URL): a feed in its own process receives its events from"
            " Kafka."
        )


def read_settings() -> Settings:
    """Read the settings; raises ``SetupError`` with one line that names each wrong variable, but not its value."""
    try:
        return Settings()
    except ValidationError as invalid:
        problems = dict.fromkeys(_problem(error) for error in invalid.errors())
        message = f"The configuration is wrong. {'; '.join(problems)}. See .env.example."
        raise SetupError(message) from None
    except (OSError, UnicodeDecodeError):
        raise SetupError(".env cannot be read. It must be a text file that the user of the site can read.") from None


def _problem(error: ErrorDetails) -> str:
    words = error["msg"].removeprefix("Value error, ")
    return f"{str(error['loc'][0]).upper()}: {words}" if error["loc"] else words
