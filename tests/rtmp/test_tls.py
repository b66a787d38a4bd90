"""The front door with a certificate: TLS and HTTP/2, and redirects from plain HTTP."""

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from streaming_app.backend.adapters.nginx_conf import NginxProgram, find_nginx, render
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from tests.rig.certificates import self_signed
from tests.rig.echo import echo_app
from tests.rig.nginx import nginx_settings, running_front
from tests.rig.ports import HOST
from tests.rig.serving import serving


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = self_signed(folder)
    settings = nginx_settings(folder, tls_certificate=certificate, tls_key=key, public_url="https://live.example.com")
    with running_front(settings):
        yield settings


async def test_browsers_negotiate_http2(settings: Settings) -> None:
    trust = ssl.create_default_context(cafile=settings.tls_certificate)
    trust.set_alpn_protocols(["h2", "http/1.1"])

    _, writer = await asyncio.open_connection(HOST, settings.https_port, ssl=trust, server_hostname="localhost")

    connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
    assert connection.selected_alpn_protocol() == "h2"
    assert connection.version() == "TLSv1.3"
    writer.transport.abort()  # a proper shutdown fails if more data from nginx arrives


async def test_the_web_process_gets_the_https_scheme(settings: Settings) -> None:
    trust = ssl.create_default_context(cafile=settings.tls_certificate)
    url = f"https://localhost:{settings.https_port}/deep"
    async with serving(echo_app(), settings.web_port), httpx.AsyncClient(verify=trust, trust_env=False) as browser:
        answer = await browser.get(url)

    assert answer.status_code == 200
    assert answer.json()["headers"]["x-forwarded-proto"] == "https"


async def test_answers_have_strict_transport_security(settings: Settings) -> None:
    trust = ssl.create_default_context(cafile=settings.tls_certificate)
    async with httpx.AsyncClient(verify=trust, trust_env=False) as browser:
        answer = await browser.get(f"https://localhost:{settings.https_port}/deep")

    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize(
    ("subdomains", "policy"), [(True, "max-age=31536000; includeSubDomains"), (False, "max-age=31536000")]
)
def test_strict_transport_security_can_leave_out_subdomains(settings: Settings, subdomains: bool, policy: str) -> None:  # noqa: FBT001
    configuration = render(settings.model_copy(update={"hsts_subdomains": subdomains}), find_nginx(), "front")

    assert f'on "{policy}";' in configuration


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_plain_http_redirects_to_the_public_url(settings: Settings, method: str) -> None:
    async with serving(echo_app(), settings.web_port), httpx.AsyncClient(trust_env=False) as browser:
        url = f"http://{HOST}:{settings.http_port}/deep?a=b"
        answer = await browser.request(method, url, headers={"host": "evil.example"})

    assert (answer.status_code, answer.headers["location"]) == (308, "https://live.example.com/deep?a=b")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_acme_challenges_are_served_over_plain_http(settings: Settings) -> None:
    challenge = settings.data_dir / "acme/.well-known/acme-challenge/token-1"
    challenge.parent.mkdir(parents=True)
    challenge.write_text("token-1.thumbprint")
    async with httpx.AsyncClient(trust_env=False) as authority:
        answer = await authority.get(f"http://{HOST}:{settings.http_port}/.well-known/acme-challenge/token-1")

    assert (answer.status_code, answer.text) == (200, "token-1.thumbprint")


@pytest.mark.parametrize("ciphers", ["ECDHE+AESGCM", "ECDHE+CHACHA20"])
async def test_tls_1_2_has_forward_secrecy(settings: Settings, ciphers: str) -> None:
    trust = _tls_1_2(settings, ciphers)
    _, writer = await asyncio.open_connection(HOST, settings.https_port, ssl=trust, server_hostname="localhost")

    connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
    assert connection.version() == "TLSv1.2"
    writer.transport.abort()


@pytest.mark.parametrize("ciphers", ["ECDHE+AES:!AESGCM:!AESCCM", "AES128-SHA", "kRSA"])
async def test_older_ciphers_are_refused(settings: Settings, ciphers: str) -> None:
    with pytest.raises(ssl.SSLError):
        await asyncio.open_connection(
            HOST, settings.https_port, ssl=_tls_1_2(settings, f"{ciphers}:@SECLEVEL=0"), server_hostname="localhost"
        )


def _tls_1_2(settings: Settings, ciphers: str) -> ssl.SSLContext:
    trust = ssl.create_default_context(cafile=settings.tls_certificate)
    trust.maximum_version = ssl.TLSVersion.TLSv1_2
    trust.set_ciphers(ciphers)
    return trust


@pytest.mark.parametrize(("version", "line"), [((1, 22, 1), "ssl http2;"), ((1, 26, 0), "http2 on;")])
def test_http2_is_enabled_in_the_syntax_of_the_installed_nginx(
    settings: Settings, version: tuple[int, ...], line: str
) -> None:
    conf = render(settings, NginxProgram(Path("/usr/sbin/nginx"), version, ()), "front")

    assert conf.count("http2") == 1
    assert line in conf


def test_a_missing_certificate_is_reported_in_one_line(settings: Settings, tmp_path: Path) -> None:
    gone = settings.model_copy(update={"tls_certificate": tmp_path / "gone.pem"})

    with pytest.raises(SetupError, match=r"TLS_CERTIFICATE \S+gone.pem does not exist or cannot be read."):
        render(gone, find_nginx(), "front")
