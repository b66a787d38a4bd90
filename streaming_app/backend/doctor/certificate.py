"""Checks the TLS certificate and its key."""

import stat
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from streaming_app.backend.config import Settings
from streaming_app.backend.doctor.checkup import in_thread
from streaming_app.backend.doctor.findings import Finding, ok, warning, wrong

RENEW_BEFORE = timedelta(days=14)
RENEW = "Renew it, and send HUP to nginx front (docs/operating.md, Signals)."


async def check_certificate(settings: Settings) -> Sequence[Finding]:
    """Check that the certificate is valid, matches its key and has the host of PUBLIC_URL."""
    certificate, key = settings.tls_certificate, settings.tls_key
    host = settings.public_url.host if settings.public_url else None
    if certificate is None or key is None or host is None:
        return ok("certificate", "TLS_CERTIFICATE is not set.")
    return await in_thread(lambda: _check_files(certificate, key, host))


def _check_files(certificate_file: Path, key_file: Path, host: str) -> list[Finding]:
    fix = "Correct the setting or the file. It must be PEM, without a password, and readable for the user of the site."
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    except (OSError, ValueError):
        return wrong("certificate", f"TLS_CERTIFICATE {certificate_file} cannot be read.", fix)
    try:
        public_key = load_pem_private_key(key_file.read_bytes(), None).public_key()
    except (OSError, ValueError, TypeError):
        return wrong("certificate key", f"TLS_KEY {key_file} cannot be read.", fix)
    found: list[Finding] = []
    if public_key != certificate.public_key():
        found += wrong(
            "certificate key",
            "TLS_KEY is not the key of TLS_CERTIFICATE.",
            "Set both to files of the same certificate.",
        )
    if stat.S_IMODE(key_file.stat().st_mode) & stat.S_IROTH:
        found += wrong(
            "certificate key", f"All users of this machine can read TLS_KEY {key_file}.", f"Run: chmod o= {key_file}."
        )
    if not _has_name(certificate, host):
        found += wrong(
            "certificate name",
            f"TLS_CERTIFICATE is not for {host}, the host of PUBLIC_URL.",
            "Use a certificate for this host, or correct PUBLIC_URL.",
        )
    dates = _check_dates(certificate)
    return found + [each for each in dates if not found or each.level != "ok"]


def _check_dates(certificate: x509.Certificate) -> list[Finding]:
    now, end = datetime.now(UTC), certificate.not_valid_after_utc
    day = f"{end.day} {end:%B %Y}"
    if now >= end:
        return wrong("certificate date", f"TLS_CERTIFICATE has expired on {day}.", RENEW)
    if now < certificate.not_valid_before_utc:
        return wrong("certificate date", "TLS_CERTIFICATE is not valid yet.", "Check the clock of this machine.")
    if end - now < RENEW_BEFORE:
        return warning("certificate date", f"TLS_CERTIFICATE expires on {day}.", RENEW)
    return ok("certificate", f"TLS_CERTIFICATE is for this site, and valid until {day}.")


def _has_name(certificate: x509.Certificate, host: str) -> bool:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    try:
        return ip_address(host.strip("[]")) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        pass
    wildcard = f"*.{host.partition('.')[2]}"
    return any(name.lower() in {host.lower(), wildcard.lower()} for name in names.get_values_for_type(x509.DNSName))
