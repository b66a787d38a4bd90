"""Checks that PUBLIC_URL leads to this site."""

from collections.abc import Sequence
from ssl import SSLError

import httpx
from pydantic import ValidationError

from streaming_app.backend.api.readiness import HealthReport
from streaming_app.backend.config import Settings
from streaming_app.backend.doctor.findings import Finding, ok, warning, wrong
from streaming_app.backend.doctor.running_site import RunningSite
from streaming_app.backend.failure_causes import cause_of


async def check_public_url(settings: Settings, site: RunningSite, timeout_seconds: float) -> Sequence[Finding]:
    """Check that the site answers at PUBLIC_URL, as a browser sees it. Nothing is requested from a stopped site."""
    check = "PUBLIC_URL"
    if settings.public_url is None:
        return ok(check, "PUBLIC_URL is not set.")
    if not site.is_running:
        return ok(check, "PUBLIC_URL is not checked, because the site does not run.")
    url = str(settings.public_url).rstrip("/")
    try:
        async with httpx.AsyncClient(timeout=timeout_seconds, follow_redirects=True) as client:
            answer = await client.get(f"{url}/api/health")
        HealthReport.model_validate_json(answer.content)
    except httpx.HTTPError as failed:
        if _is_tls_error(failed):
            return wrong(
                check,
                f"The certificate at {url} is not trusted, or not for this host.",
                "Use a certificate of a public authority, with its intermediate certificates in TLS_CERTIFICATE.",
            )
        return warning(
            check,
            f"{url} cannot be reached from this machine ({cause_of(failed)}).",
            "Check DNS, firewall and proxy. Some routers do not let a machine reach its own public address.",
        )
    except (ValidationError, ValueError):
        return wrong(check, f"Something else than this site answers at {url}.", "Correct PUBLIC_URL, DNS or the proxy.")
    return ok(check, f"The site answers at {url}.")


def _is_tls_error(failed: BaseException | None) -> bool:
    while failed is not None:
        if isinstance(failed, SSLError):
            return True
        failed = failed.__cause__ or failed.__context__
    return False
