"""The front door with a certificate: TLS and HTTP/2 beside plain HTTP, on the same origin otherwise."""

import asyncio
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from streaming_app.backend.adapters.nginx_conf import NginxProgram, find_nginx, render
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from tests.rig.echo import echo_app
from tests.rig.nginx import nginx_settings, running_front
from tests.rig.ports import HOST
from tests.rig.serving import serving


def _self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = _self_signed(folder)
    settings = nginx_settings(folder, tls_certificate=certificate, tls_key=key, public_url="https://live.example.com")
    with running_front(settings):
        yield settings


async def test_browsers_agree_on_http2(settings: Settings) -> None:
    trust = ssl.create_default_context(cafile=settings.tls_certificate)
    trust.set_alpn_protocols(["h2", "http/1.1"])

    _, writer = await asyncio.open_connection(HOST, settings.https_port, ssl=trust, server_hostname="localhost")

    connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
    assert connection.selected_alpn_protocol() == "h2"
    assert connection.version() == "TLSv1.3"
    writer.transport.abort()  # what nginx begins to say may arrive behind a farewell, which is an error then


async def test_pages_learn_that_they_are_read_over_tls(settings: Settings) -> None:
    trust = ssl.create_default_context(cafile=settings.tls_certificate)
    url = f"https://localhost:{settings.https_port}/deep"
    async with serving(echo_app(), settings.web_port), httpx.AsyncClient(verify=trust, trust_env=False) as browser:
        answer = await browser.get(url)

    assert answer.status_code == 200
    assert answer.json()["headers"]["x-forwarded-proto"] == "https"


async def test_plain_http_goes_on(settings: Settings) -> None:
    async with serving(echo_app(), settings.web_port), httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(f"http://{HOST}:{settings.http_port}/deep")

    assert answer.json()["headers"]["x-forwarded-proto"] == "http"


@pytest.mark.parametrize(("version", "line"), [((1, 22, 1), "ssl http2;"), ((1, 26, 0), "http2 on;")])
def test_http2_is_asked_for_in_the_words_of_the_nginx_that_is_there(
    settings: Settings, version: tuple[int, ...], line: str
) -> None:
    conf = render(settings, NginxProgram(Path("/usr/sbin/nginx"), version, ()), "front")

    assert conf.count("http2") == 1
    assert line in conf


def test_a_certificate_that_is_not_there_is_one_line(settings: Settings, tmp_path: Path) -> None:
    gone = settings.model_copy(update={"tls_certificate": tmp_path / "gone.pem"})

    with pytest.raises(SetupError, match=r"TLS_CERTIFICATE \S+gone.pem is not there, or may not be read."):
        render(gone, find_nginx(), "front")
