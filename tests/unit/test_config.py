"""Settings, and one-line errors for invalid values."""

import json
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from streaming_app.backend.config import Settings, read_settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.settings_environment import as_environment

KEY = "0123456789abcdef0123456789abcdef"

SECONDS = "use seconds, above 0 and up to 400 days, as in 20 or 0.5"
NETWORKS = "use networks separated by commas, as in 127.0.0.0/8,fd00::/8, or none"
MONGO = "it looks like mongodb://user:password@host:27017/database"
ADDRESS = "use an IP address: :: for all addresses, 127.0.0.1 for this machine"
SERVERS = "use host:port, separated by commas"
PORTS_DIFFER = (
    "HTTP_PORT, HTTPS_PORT, RTMP_PORT, RTMPS_PORT, WEB_PORT, FEED_PORT, PACKAGER_PORT, INGEST_PORT, NGINX_ADMIN_PORT"
    " and the ports from MORE_WEB_PORT on must differ"
)

PROVIDERS_NEED_URL = (
    "PUBLIC_URL must be set, as in https://live.example.com, when GOOGLE_CLIENT_ID, VK_CLIENT_ID or OIDC_PROVIDERS is,"
    " because the providers send users back to it"
)
OIDC = 'use JSON, as in [{"id": "work", "name": "Work", "issuer": "https://…", "client_id": "…", "client_secret": "…"}]'
EXTRA = "Extra inputs are not permitted"
ISSUER = r"String should match pattern '^(https://\S+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/\S*)?)$'"


def one_oidc(**changed: str | None) -> str:
    """Return ``OIDC_PROVIDERS`` with one provider; a field that is changed to ``None`` is left out."""
    client = {"id": "work", "name": "Work", "issuer": "https://id.example.com", "client_id": "a", "client_secret": "b"}
    return json.dumps([{name: value for name, value in {**client, **changed}.items() if value is not None}])


WRONG = [
    ({"HTTP_PORT": "eighty"}, "HTTP_PORT: use a whole number, 1 to 65535"),
    ({"HTTP_PORT": "80.5"}, "HTTP_PORT: use a whole number, 1 to 65535"),
    ({"RTMP_PORT": "0"}, "RTMP_PORT: Input should be greater than or equal to 1"),
    ({"FEED_PORT": "70000"}, "FEED_PORT: Input should be less than or equal to 65535"),
    ({"HTTP_PORT": "1935"}, PORTS_DIFFER),
    ({"WEB_PORT": "9000", "NGINX_ADMIN_PORT": "9000"}, PORTS_DIFFER),
    ({"WEB_PROCESSES": "3", "PACKAGER_PORT": "8203"}, PORTS_DIFFER),
    ({"WEB_PROCESSES": "0"}, "WEB_PROCESSES: Input should be greater than or equal to 1"),
    ({"WEB_PROCESSES": "21"}, "WEB_PROCESSES: Input should be less than or equal to 20"),
    ({"WEB_UPSTREAMS": "10.0.0.5"}, f"WEB_UPSTREAMS: {SERVERS}"),
    (
        {"WEB_UPSTREAMS": "10.0.0.5:8000"},
        "FEED_UPSTREAMS must be set when WEB_UPSTREAMS is, because each web process serves a feed",
    ),
    ({"BIND_HOST": "everywhere"}, f"BIND_HOST: {ADDRESS}"),
    ({"BIND_HOST": "0.0.0.0; include /etc/passwd"}, f"BIND_HOST: {ADDRESS}"),
    ({"BIND_HOST": "fe80::1%; include /etc/passwd"}, f"BIND_HOST: {ADDRESS}"),
    ({"PUBLIC_URL": "live.example.com"}, "PUBLIC_URL: it looks like https://live.example.com"),
    ({"PUBLIC_URL": "ftp://live.example.com"}, "PUBLIC_URL: it looks like https://live.example.com"),
    ({"SECRET_KEY": "hunter2"}, "SECRET_KEY: use 32 characters or more; `openssl rand -hex 32` makes a good one"),
    (
        {"MONGO_URL": "mongodb://host/site"},
        "SECRET_KEY must be set (32 characters or more) when MONGO_URL or KAFKA_BOOTSTRAP_SERVERS is",
    ),
    (
        {"KAFKA_BOOTSTRAP_SERVERS": "host:9092"},
        "SECRET_KEY must be set (32 characters or more) when MONGO_URL or KAFKA_BOOTSTRAP_SERVERS is",
    ),
    ({"SECRET_KEY": KEY, "MONGO_URL": "localhost:27017"}, f"MONGO_URL: {MONGO}"),
    ({"SECRET_KEY": KEY, "MONGO_URL": "postgres://me:hunter2@host/site"}, f"MONGO_URL: {MONGO}"),
    ({"SECRET_KEY": KEY, "KAFKA_BOOTSTRAP_SERVERS": "kafka"}, f"KAFKA_BOOTSTRAP_SERVERS: {SERVERS}"),
    ({"SECRET_KEY": KEY, "KAFKA_BOOTSTRAP_SERVERS": "a:9092;b:9092"}, f"KAFKA_BOOTSTRAP_SERVERS: {SERVERS}"),
    ({"KAFKA_TOPIC_PREFIX": "my site"}, "KAFKA_TOPIC_PREFIX: String should match pattern '^[A-Za-z0-9._-]*$'"),
    ({"REDIS_URL": "localhost:6379"}, "REDIS_URL: it looks like redis://user:password@host:6379/0"),
    (
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://me:hunter2@collector:4318"},
        "OTEL_EXPORTER_OTLP_ENDPOINT: it looks like http://collector:4318, without user and password",
    ),
    ({"TRUSTED_PROXIES": "localhost"}, f"TRUSTED_PROXIES: {NETWORKS}"),
    ({"TRUSTED_PROXIES": "10.0.0.1/8"}, f"TRUSTED_PROXIES: {NETWORKS}"),
    ({"TLS_CERTIFICATE": "cert.pem"}, "TLS_CERTIFICATE and TLS_KEY must be set together"),
    (
        {"TLS_CERTIFICATE": "c.pem", "TLS_KEY": "k.pem", "PUBLIC_URL": "http://live.example.com"},
        "PUBLIC_URL must be set, as in https://live.example.com, when TLS_CERTIFICATE is",
    ),
    ({"PASSWORD_HASH_COST": "9"}, "PASSWORD_HASH_COST: Input should be greater than or equal to 10"),
    ({"PASSWORD_HASH_COST": "high"}, "PASSWORD_HASH_COST: use a whole number, 10 to 16"),
    ({"SMTP_URL": "mail.example.com"}, "SMTP_URL: it looks like smtp://user:password@host:587"),
    ({"SMTP_URL": "smtp://me:hunter2@host/path"}, "SMTP_URL: it looks like smtp://user:password@host:587"),
    ({"MAIL_FROM": "nobody"}, "MAIL_FROM: it looks like My site <noreply@live.example.com>"),
    ({"SMTP_URL": "smtp://host"}, "SMTP_URL and MAIL_FROM must be set together"),
    (
        {"CAPTCHA_PROVIDER": "turnstile", "CAPTCHA_SECRET": "x"},
        "CAPTCHA_PROVIDER, CAPTCHA_SITE_KEY and CAPTCHA_SECRET must be set together",
    ),
    (
        {"SMTP_URL": "smtps://host", "MAIL_FROM": "a@b.example"},
        "PUBLIC_URL must be set, as in https://live.example.com, when SMTP_URL is, for the links in mails",
    ),
    ({"GOOGLE_CLIENT_ID": "me"}, "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET must be set together"),
    ({"VK_CLIENT_ID": "123"}, PROVIDERS_NEED_URL),
    (
        {"OIDC_PROVIDERS": "[{"},
        f"OIDC_PROVIDERS: {OIDC} (Invalid JSON: EOF while parsing an object at line 1 column 2)",
    ),
    ({"OIDC_PROVIDERS": '{"id": "a"}'}, f"OIDC_PROVIDERS: {OIDC} (Input should be a valid array)"),
    ({"OIDC_PROVIDERS": one_oidc(issuer=None)}, f"OIDC_PROVIDERS: {OIDC} (0.issuer: Field required)"),
    ({"OIDC_PROVIDERS": one_oidc(secrets="hunter2")}, f"OIDC_PROVIDERS: {OIDC} (0.secrets: {EXTRA})"),
    ({"OIDC_PROVIDERS": one_oidc(issuer="http://id.example.com")}, f"OIDC_PROVIDERS: {OIDC} (0.issuer: {ISSUER})"),
    (
        {"OIDC_PROVIDERS": one_oidc(id="vk")},
        "OIDC_PROVIDERS must have a different id for each provider, and not google or vk",
    ),
    ({"OIDC_PROVIDERS": one_oidc()}, PROVIDERS_NEED_URL),
    ({"LIVE_WINDOW": "-1"}, "LIVE_WINDOW: use seconds, above 0 and up to 400 days, as in 20 or 0.5"),
    ({"TRANSCODE": "sometimes"}, "TRANSCODE: Input should be 'auto' or 'off'"),
    ({"TRANSCODE_MAX": "0"}, "TRANSCODE_MAX: Input should be greater than or equal to 1"),
    ({"SUPERVISE": "nginx,ngnix"}, "SUPERVISE: use nginx,packager,workers, some of them, or none"),
    ({"SESSION_LIFETIME": "0"}, f"SESSION_LIFETIME: {SECONDS}"),
    ({"SESSION_LIFETIME": "99999999999999999"}, f"SESSION_LIFETIME: {SECONDS}"),
    ({"RECONNECT_GRACE": "-5"}, f"RECONNECT_GRACE: {SECONDS}"),
    ({"END_HOLD": "a minute"}, f"END_HOLD: {SECONDS}"),
    ({"PUBLISHER_TIMEOUT": "nan"}, f"PUBLISHER_TIMEOUT: {SECONDS}"),
    ({"THUMBNAIL_INTERVAL": "1e999"}, f"THUMBNAIL_INTERVAL: {SECONDS}"),
    ({"CHAT_MAX_LENGTH": "0"}, "CHAT_MAX_LENGTH: Input should be greater than or equal to 1"),
    ({"CHAT_BURST": "many"}, "CHAT_BURST: use a whole number, 1 or more"),
]


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def setting(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(("environment", "problem"), WRONG)
def test_an_invalid_value_is_reported_in_one_line(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], problem: str
) -> None:
    setting(monkeypatch, environment)

    with pytest.raises(SetupError) as refused:
        read_settings()

    assert str(refused.value) == f"The configuration is wrong. {problem}. See .env.example."


def test_all_errors_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, {"HTTP_PORT": "x", "CHAT_BURST": "x", "END_HOLD": "x"})

    with pytest.raises(SetupError) as refused:
        read_settings()

    assert [name in str(refused.value) for name in ("HTTP_PORT", "CHAT_BURST", "END_HOLD")] == [True] * 3
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["SECRET_KEY", "MONGO_URL", "REDIS_URL"])
def test_a_secret_is_never_quoted(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    setting(monkeypatch, {name: "hunter2"})

    with pytest.raises(SetupError) as refused:
        read_settings()

    assert "hunter2" not in str(refused.value)


def test_printed_settings_contain_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(
        monkeypatch,
        {"SECRET_KEY": KEY, "MONGO_URL": "mongodb://me:hunter2@host/site", "REDIS_URL": "redis://:hunter2@host"},
    )

    shown = repr(read_settings())

    assert KEY not in shown
    assert "hunter2" not in shown


def test_every_setting_has_a_default() -> None:
    settings = read_settings()

    assert settings.mongo_url is None
    assert settings.kafka_bootstrap_servers is None
    assert settings.secret_key is None
    assert settings.supervise == {"nginx", "packager", "workers"}
    assert settings.reconnect_grace == timedelta(seconds=20)


def test_an_empty_value_uses_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, dict.fromkeys((name.upper() for name in Settings.model_fields), ""))

    assert read_settings() == Settings()


def test_values_are_converted_to_their_types(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(
        monkeypatch,
        {
            "BIND_HOST": "::1",
            "RECONNECT_GRACE": "2.5",
            "END_HOLD": "PT1M30S",
            "TRUSTED_PROXIES": "10.0.0.0/8, fd00::/8",
            "SUPERVISE": "nginx",
            "SECRET_KEY": KEY,
            "MONGO_URL": "mongodb+srv://me:hunter2@cluster.example.com/site?retryWrites=true",
            "KAFKA_BOOTSTRAP_SERVERS": "kafka-1:9092, [::1]:9092",
            "PUBLIC_URL": "https://live.example.com",
        },
    )

    settings = read_settings()

    assert settings.bind_host == "::1"
    assert settings.reconnect_grace == timedelta(seconds=2.5)
    assert settings.end_hold == timedelta(seconds=90)
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert settings.supervise == {"nginx"}
    assert settings.mongo_url
    assert settings.mongo_url.get_secret_value().startswith("mongodb+srv://me:hunter2@")
    assert settings.kafka_bootstrap_servers == "kafka-1:9092, [::1]:9092"
    assert str(settings.public_url) == "https://live.example.com/"


def test_sign_in_providers_survive_the_way_to_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    providers = {"OIDC_PROVIDERS": one_oidc(), "GOOGLE_CLIENT_ID": "g", "GOOGLE_CLIENT_SECRET": "hunter2"}
    setting(monkeypatch, {**providers, "PUBLIC_URL": "https://live.example.com"})
    settings = read_settings()

    setting(monkeypatch, as_environment(settings, with_secrets=True))

    assert [client.client_secret.get_secret_value() for client in read_settings().oidc_providers] == ["b"]
    assert settings.oidc_providers == read_settings().oidc_providers
    assert "hunter2" not in repr(settings)


def test_supervise_none_starts_no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, {"SUPERVISE": "none"})

    assert read_settings().supervise == frozenset()


def test_environment_variables_override_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HTTP_PORT=9001\nRTMP_PORT=9002\nSOMETHING_ELSE=1\n")
    setting(monkeypatch, {"HTTP_PORT": "9003"})

    settings = read_settings()

    assert (settings.http_port, settings.rtmp_port) == (9003, 9002)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().http_port = 9000
