"""The site with its own certificate, in a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from streaming_app.backend.accounts.cookies import HOST_PREFIX, SESSION_COOKIE, VIEWER_COOKIE
from tests.conftest import NewContext
from tests.e2e.people import Person
from tests.rig.certificates import self_signed
from tests.rig.doctor import examine
from tests.rig.ffmpeg import publishing
from tests.rig.site import Site, running_site


@pytest.fixture(scope="module")
def secure_site(tmp_path_factory: pytest.TempPathFactory, site_ports: dict[str, int]) -> Iterator[Site]:
    """A site with a certificate."""
    folder = tmp_path_factory.mktemp("tls-site")
    certificate, key = self_signed(folder)
    settings = {
        "TLS_CERTIFICATE": str(certificate),
        "TLS_KEY": str(key),
        "PUBLIC_URL": f"https://localhost:{site_ports['HTTPS_PORT']}",
    }
    with running_site(folder, site_ports, settings, health_url=f"http://127.0.0.1:{site_ports['WEB_PORT']}") as site:
        yield site


async def test_cookies_are_bound_to_the_host_and_sign_in_and_chat_work(
    secure_site: Site, new_context: NewContext, name: str
) -> None:
    url = secure_site.environment["PUBLIC_URL"]
    context = await new_context(ignore_https_errors=True)
    person = Person(secure_site, context, await context.new_page(), url=url)

    await person.page.goto(f"{secure_site.url}/register")
    assert person.page.url == f"{url}/register"
    await person.fill_in_registration(name)
    await person.go(f"/c/{name}")
    await person.say("hello over TLS")
    cookies = {str(cookie.get("name")): cookie for cookie in await context.cookies()}

    assert {f"{HOST_PREFIX}{SESSION_COOKIE}", f"{HOST_PREFIX}{VIEWER_COOKIE}"} <= set(cookies)
    assert not {SESSION_COOKIE, VIEWER_COOKIE} & set(cookies)
    assert all(cookie.get("secure") and cookie.get("httpOnly") for cookie in cookies.values())
    await person.sign_out()
    assert f"{HOST_PREFIX}{SESSION_COOKIE}" not in {cookie.get("name") for cookie in await context.cookies()}


async def test_a_streamer_publishes_over_tls_to_the_server_that_the_studio_shows(
    secure_site: Site, new_context: NewContext, name: str, tmp_path: Path
) -> None:
    url = secure_site.environment["PUBLIC_URL"]
    context = await new_context(ignore_https_errors=True)
    person = Person(secure_site, context, await context.new_page(), url=url)
    await person.register_by_form(name)
    key = await person.stream_key()
    server = await person.page.get_by_label("Server", exact=True).input_value()
    assert server == f"rtmps://localhost:{secure_site.ports['RTMPS_PORT']}/live"
    await expect(person.page.get_by_text(f"rtmp://localhost:{secure_site.ports['RTMP_PORT']}/live")).to_be_visible()

    with publishing(f"{server}/{key}", tmp_path / "ffmpeg.log"):
        await person.go(f"/c/{name}")
        await person.sees_video_move()


def test_doctor_finds_a_renewed_certificate_that_nginx_does_not_use_yet(secure_site: Site, tmp_path: Path) -> None:
    """The last test of this file, because it replaces the certificate of the site."""
    before = examine(tmp_path, secure_site.environment)
    self_signed(Path(secure_site.environment["TLS_CERTIFICATE"]).parent)

    renewed = examine(tmp_path, secure_site.environment)

    assert before.level("served certificate") == "ok"
    assert renewed.level("served certificate") == "warning"
    assert renewed.message("PUBLIC_URL").startswith("The certificate at https://localhost:")
    assert renewed.message("PUBLIC_URL").endswith("is not trusted, or not for this host.")
