"""``compose.yaml``, ``compose.prod.yaml``, and the files that they need."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.make_secrets import main as make_secrets
from streaming_app.backend.adapters.metrics.endpoint import PROCESSES, metrics_port
from streaming_app.backend.config import SECRET, Settings, check_processes, read_settings
from streaming_app.backend.workers.worker_list import WORKERS

ROOT = Path(__file__).parents[2]
INFRASTRUCTURE = {"mongo", "mongo-replica-set", "kafka", "redis", "prometheus", "grafana", "topics"}
SECRETS_FOLDER = "/run/secrets/"
UNTRUSTED_INPUT = {"front", "ingest", "packager"}
"""Services that get no secret of the site and cannot reach the store."""


def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


COMPOSE, PRODUCTION = _read("compose.yaml"), _read("compose.prod.yaml")
SECRETS_OF_LIBRARIES = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")
"""Environment variables that are no settings of ours, and may have a secret."""
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SITE_ENV = """
MAIL_FROM=site@example.com
REQUIRE_CONFIRMED_EMAIL=true
CAPTCHA_PROVIDER=hcaptcha
CAPTCHA_SITE_KEY=key
GOOGLE_CLIENT_ID=google
VK_CLIENT_ID=vk
OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318
OTEL_EXPORTER_OTLP_HEADERS=authorization=secret
"""
"""Settings that need a secret or ``PUBLIC_URL``."""
FILLED = {
    "smtp_url": "smtps://mail.example.com",
    "captcha_secret": "captcha",
    "google_client_secret": "google",
    "vk_client_secret": "vk",
}
OWN = {name: service for name, service in SERVICES.items() if name not in INFRASTRUCTURE}


def test_every_process_of_the_site_is_a_service() -> None:
    assert set(OWN) == {"front", "ingest"} | set(PROCESSES) - {"supervisor"}
    for worker in WORKERS:
        assert OWN[worker.name]["command"][-3:] == ["worker", worker.name, "--wait"]


@pytest.mark.parametrize("name", [*OWN, "topics"])
@pytest.mark.parametrize("is_filled", [False, True], ids=["as made", "with mail, captcha and sign-in providers"])
def test_the_settings_of_each_service_are_valid(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_filled: bool
) -> None:
    make_secrets(tmp_path / "secrets", tmp_path / "site.env")
    variables = {**SERVICES[name]["environment"], **PRODUCTION["services"][name].get("environment", {})}
    for variable in Settings.model_fields:
        monkeypatch.delenv(variable.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    if is_filled:
        for name_and_value in SITE_ENV.split():  # Compose passes them, too, unless ``environment`` replaces them
            monkeypatch.setenv(*name_and_value.split("=", 1))
        for secret, value in FILLED.items():
            (tmp_path / "secrets" / secret).write_text(value, encoding="utf-8")
    monkeypatch.setenv("PUBLIC_URL", "https://live.example.com")
    for variable, value in variables.items():
        assert variable.removesuffix("_FILE").lower() in Settings.model_fields or variable in SECRETS_OF_LIBRARIES
        if variable != "PUBLIC_URL":
            monkeypatch.setenv(variable, _interpolated(value).replace(SECRETS_FOLDER, f"{tmp_path}/secrets/"))

    settings = read_settings()

    assert settings.ingest_secret
    assert settings.tls_certificate
    if name in UNTRUSTED_INPUT:
        assert {setting for setting in SECRET if getattr(settings, setting)} == set()
        assert [variables[name] for name in SECRETS_OF_LIBRARIES] == ["", ""]
    else:
        check_processes(settings)
        assert settings.secret_key
        assert settings.mongo_url
        assert settings.redis_url
        assert (settings.smtp_url is not None) == is_filled


@pytest.mark.parametrize("name", OWN)
def test_each_process_gets_only_what_it_needs(name: str) -> None:
    service = OWN[name]

    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert ("data" in service["networks"]) == (name not in UNTRUSTED_INPUT)
    files = {value.removeprefix(SECRETS_FOLDER) for value in service["environment"].values() if SECRETS_FOLDER in value}
    assert files == set(service["secrets"])


def test_only_front_door_and_ingest_publish_ports_to_other_machines() -> None:
    published = {
        name
        for name, service in SERVICES.items()
        for port in service.get("ports", ())
        if not port.startswith("127.0.0.1:")
    }

    assert published == {"front", "ingest"}


def test_all_secrets_exist(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets", tmp_path / "site.env")

    assert {file.name for file in (tmp_path / "secrets").iterdir()} == set(COMPOSE["secrets"])
    assert {secret for service in SERVICES.values() for secret in service.get("secrets", ())} == set(COMPOSE["secrets"])


def test_secrets_that_exist_are_kept(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets", tmp_path / "site.env")
    before = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "secrets").iterdir()}

    make_secrets(tmp_path / "secrets", tmp_path / "site.env")

    assert {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "secrets").iterdir()} == before


def test_health_checks_and_prometheus_use_the_ports_of_the_processes() -> None:
    settings = Settings.model_construct()
    targets = re.findall(
        r'"([a-z-]+:\d+)"', (ROOT / "deploy/prometheus/prometheus-compose.yaml").read_text(encoding="utf-8")
    )
    checked = {name: int(service["healthcheck"]["test"][3]) for name, service in OWN.items()}

    measured = {name for name in PROCESSES if name != "supervisor"}
    assert set(targets) == {f"{name}:{metrics_port(settings, name)}" for name in measured}
    assert {worker.name: checked[worker.name] for worker in WORKERS} == {
        worker.name: metrics_port(settings, worker.name) for worker in WORKERS
    }
    assert {name: checked[name] for name in ("web", "feed", "packager", "ingest", "front")} == {
        "web": settings.web_port,
        "feed": settings.feed_port,
        "packager": settings.packager_port,
        "ingest": settings.nginx_admin_port,
        "front": settings.http_port,
    }


def test_production_changes_only_services_that_exist() -> None:
    assert set(PRODUCTION["services"]) == {*OWN, "topics"}


def test_the_images_contain_the_files_that_they_copy() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.*) \S+$", dockerfile, re.MULTILINE) for word in line.split()
    }

    assert copied - {"."} <= kept
    assert all((ROOT / file).exists() for file in kept)


def _interpolated(value: str) -> str:
    """Return the value with the defaults of its variables."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
