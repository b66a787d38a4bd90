"""Avatars over HTTP: uploads by signed-in users, and the public pictures."""

from io import BytesIO

import pytest
from PIL import Image

from streaming_app.backend.accounts.avatars import UPLOAD_MAX_BYTES
from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.image_processing import AVATAR_SIDE
from streaming_app.backend.bootstrap import Backend
from tests.api.conftest import Browser, error_of
from tests.rig.pictures import SVG, bomb, moving, still

UPLOADS = "/api/profile/avatar"
PNG = {"content-type": "image/png"}


@pytest.mark.parametrize("upload", [still("PNG"), still("JPEG"), still("WEBP"), moving("GIF")])
async def test_an_upload_becomes_a_square_still_picture_on_the_channel(
    browser: Browser, backend: Backend, ana: User, upload: bytes
) -> None:
    await browser.sign_in(ana)

    answer = await browser.client.post(UPLOADS, content=upload, headers=PNG)
    browser.client.cookies.clear()
    picture = await browser.client.get(answer.json()["url"])

    assert answer.status_code == 201
    user = await backend.store.users.get(ana.user_id)
    assert answer.json() == {"url": f"/api/avatars/{user.avatar_id}"}
    assert (await backend.channels.by_slug("ana")).avatar_id == user.avatar_id
    assert picture.headers["content-type"] == "image/webp"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert picture.headers["content-security-policy"] == "default-src 'none'"
    with Image.open(BytesIO(picture.content)) as image:
        assert (image.size, getattr(image, "n_frames", 1)) == ((AVATAR_SIDE, AVATAR_SIDE), 1)


async def test_a_replaced_picture_is_deleted(browser: Browser, ana: User) -> None:
    await browser.sign_in(ana)
    first = (await browser.client.post(UPLOADS, content=still("PNG"), headers=PNG)).json()["url"]

    second = (await browser.client.post(UPLOADS, content=still("PNG"), headers=PNG)).json()["url"]

    assert first != second
    assert (await browser.client.get(first)).status_code == 404
    assert (await browser.client.get(second)).status_code == 200


@pytest.mark.parametrize("upload", [b"", SVG, b"GIF89a", bomb(), b"\x89PNG\r\n\x1a\n" + bytes(100)])
async def test_an_invalid_picture_is_refused_with_a_reason(
    browser: Browser, backend: Backend, ana: User, upload: bytes
) -> None:
    await browser.sign_in(ana)

    answer = await browser.client.post(UPLOADS, content=upload, headers=PNG)

    assert answer.status_code == 422
    assert set(error_of(answer)["fields"] or {}) == {"picture"}  # pyright: ignore[reportArgumentType]
    assert (await backend.store.users.get(ana.user_id)).avatar_id == ""


async def test_an_upload_that_is_too_large_is_refused(browser: Browser, ana: User) -> None:
    await browser.sign_in(ana)

    answer = await browser.client.post(UPLOADS, content=bytes(UPLOAD_MAX_BYTES + 1), headers=PNG)

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"origin": "https://evil.test"}, 403), ({"content-type": "text/html"}, 415), ({"origin": ""}, 403)],
)
async def test_an_upload_of_another_site_or_type_is_refused(
    browser: Browser, backend: Backend, ana: User, headers: dict[str, str], status: int
) -> None:
    await browser.sign_in(ana)

    answer = await browser.client.post(UPLOADS, content=still("PNG"), headers={**PNG, **headers})

    assert answer.status_code == status
    assert (await backend.store.users.get(ana.user_id)).avatar_id == ""


async def test_visitors_upload_nothing(browser: Browser) -> None:
    assert (await browser.client.post(UPLOADS, content=still("PNG"), headers=PNG)).status_code == 401


async def test_an_unknown_picture_is_not_found(browser: Browser) -> None:
    answer = await browser.client.get("/api/avatars/nothing")

    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
