"""Checks that nginx uses the certificate that is on the disk, which a renewal replaces."""

import asyncio
import ssl
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from streaming_app.backend.adapters.nginx_conf import own_host
from streaming_app.backend.config import Settings
from streaming_app.backend.doctor.checkup import in_thread
from streaming_app.backend.doctor.findings import Finding, ok, warning
from streaming_app.backend.doctor.running_site import RunningSite

CHECK = "served certificate"


async def check_served_certificate(settings: Settings, site: RunningSite) -> Sequence[Finding]:
    """Compare the certificate at the HTTPS port with the file. Other checks report what cannot be read or reached.

    The RTMPS port needs no check, because nginx reads the file there at each handshake (rtmp/ingest.conf.template).
    """
    file, url = settings.tls_certificate, settings.public_url
    if file is None or url is None or not url.host:
        return ok(CHECK, "TLS_CERTIFICATE is not set.")
    if not site.is_running or "nginx" not in settings.supervise:
        return ok(CHECK, "It is not checked, because the site does not run here.")
    try:
        installed = x509.load_pem_x509_certificate(await in_thread(file.read_bytes)).public_bytes(Encoding.DER)
        served = await _certificate_at(own_host(settings), settings.https_port, url.host)
    except (OSError, ValueError):
        return ok(CHECK, "It is not checked, because the file or the port cannot be used.")
    if served != installed:
        return warning(
            CHECK,
            "nginx still uses an older certificate than TLS_CERTIFICATE.",
            "Run: kill -HUP $(cat DATA_DIR/nginx/front/nginx.pid). No stream is interrupted.",
        )
    return ok(CHECK, "nginx uses TLS_CERTIFICATE.")


async def _certificate_at(address: str, port: int, host: str) -> bytes | None:
    anyone = ssl.create_default_context()
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE  # only the certificate is read
    _, writer = await asyncio.open_connection(address, port, ssl=anyone, server_hostname=host)
    connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
    writer.transport.abort()
    return connection.getpeercert(binary_form=True)
