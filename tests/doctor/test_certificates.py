"""Faults of the certificate that ``doctor`` finds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.rig.certificates import self_signed
from tests.rig.doctor import Report, examine

YEAR = timedelta(days=365)


def _report(folder: Path, installation: dict[str, str], host: str, files: tuple[Path, Path]) -> Report:
    certificate, key = files
    tls = {"TLS_CERTIFICATE": str(certificate), "TLS_KEY": str(key), "PUBLIC_URL": f"https://{host}:8443"}
    return examine(folder, {**installation, **tls})


def test_a_valid_certificate_has_no_finding(tmp_path: Path, installation: dict[str, str]) -> None:
    report = _report(tmp_path, installation, "localhost", self_signed(tmp_path, lifetime=YEAR))

    assert report.faults == {}


def test_an_expired_certificate_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    files = self_signed(tmp_path, begins=datetime.now(UTC) - timedelta(days=40), lifetime=timedelta(days=39))

    report = _report(tmp_path, installation, "localhost", files)

    assert set(report.faults) == {"certificate date"}
    assert report.message("certificate date").startswith("TLS_CERTIFICATE has expired on ")
    assert report.level("certificate date") == "wrong"


def test_a_certificate_that_expires_soon_is_a_warning(tmp_path: Path, installation: dict[str, str]) -> None:
    report = _report(tmp_path, installation, "localhost", self_signed(tmp_path, lifetime=timedelta(days=13)))

    assert report.level("certificate date") == "warning"
    assert report.exit_code == 0


@pytest.mark.parametrize("host", ["live.example.com", "127.0.0.1"])
def test_a_certificate_for_another_host_is_found(tmp_path: Path, installation: dict[str, str], host: str) -> None:
    report = _report(tmp_path, installation, host, self_signed(tmp_path, lifetime=YEAR))

    assert report.faults == {"certificate name": f"TLS_CERTIFICATE is not for {host}, the host of PUBLIC_URL."}


def test_a_certificate_for_all_subdomains_is_for_the_host(tmp_path: Path, installation: dict[str, str]) -> None:
    files = self_signed(tmp_path, "*.example.com", lifetime=YEAR)

    assert _report(tmp_path, installation, "live.example.com", files).faults == {}
    assert set(_report(tmp_path, installation, "example.com", files).faults) == {"certificate name"}


def test_a_key_of_another_certificate_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    (tmp_path / "other").mkdir()
    certificate, _ = self_signed(tmp_path, lifetime=YEAR)
    _, key = self_signed(tmp_path / "other", lifetime=YEAR)

    report = _report(tmp_path, installation, "localhost", (certificate, key))

    assert report.faults == {"certificate key": "TLS_KEY is not the key of TLS_CERTIFICATE."}


def test_a_key_that_everybody_can_read_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    certificate, key = self_signed(tmp_path, lifetime=YEAR)
    key.chmod(0o644)

    report = _report(tmp_path, installation, "localhost", (certificate, key))

    assert report.message("certificate key") == f"All users of this machine can read TLS_KEY {key}."


def test_a_missing_certificate_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    _, key = self_signed(tmp_path, lifetime=YEAR)

    report = _report(tmp_path, installation, "localhost", (tmp_path / "lost.pem", key))

    assert report.faults == {"certificate": f"TLS_CERTIFICATE {tmp_path / 'lost.pem'} cannot be read."}
