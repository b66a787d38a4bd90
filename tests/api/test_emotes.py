"""Emotes over HTTP: public lists and pictures, and uploads by owners."""

from datetime import UTC, datetime

import pytest
from fastapi import FastAPI

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.chat.emote_policy import UPLOAD_MAX_BYTES
from tests.api.conftest import Browser, error_of
from tests.rig.pictures import SVG, bomb, moving, still

UPLOADS = "/api/studio/emotes"
PNG = {"content-type": "image/png"}


@pytest.fixture
async def channel_id(backend: Backend, ana: User) -> str:
    """The id of Ana's channel."""
    return (await backend.channels.get_or_create(ana)).channel_id


async def test_an_owner_adds_an_emote_and_everyone_sees_it(browser: Browser, ana: User, channel_id: str) -> None:
    await browser.sign_in(ana)

    added = await browser.client.post(UPLOADS, params={"name": ":Hype:"}, content=still("PNG"), headers=PNG)
    browser.client.cookies.clear()
    listed = await browser.client.get(f"/api/channels/{channel_id}/emotes")
    picture = await browser.client.get(added.json()["url"])

    assert added.status_code == 201
    assert listed.json() == {"emotes": [added.json()]}
    assert added.json() | {"url": ""} == {"name": "Hype", "url": "", "width": 112, "height": 56}
    assert picture.status_code == 200
    assert picture.headers["content-type"] == "image/webp"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert picture.content[8:12] == b"WEBP"


async def test_the_list_of_emotes_is_revalidated_by_its_etag(browser: Browser, ana: User, channel_id: str) -> None:
    await browser.sign_in(ana)
    path = f"/api/channels/{channel_id}/emotes"
    first = await browser.client.get(path)

    again = await browser.client.get(path, headers={"if-none-match": first.headers["etag"]})
    await browser.client.post(UPLOADS, params={"name": "hype"}, content=moving("GIF"), headers=PNG)
    changed = await browser.client.get(path, headers={"if-none-match": first.headers["etag"]})

    assert first.json() == {"emotes": []}
    assert first.headers["cache-control"] == "public, no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert [emote["name"] for emote in changed.json()["emotes"]] == ["hype"]


@pytest.mark.parametrize("path", ["/api/channels/nowhere/emotes", "/api/channels/{channel}/emotes/nothing"])
async def test_an_unknown_emote_or_channel_returns_404(browser: Browser, channel_id: str, path: str) -> None:
    answer = await browser.client.get(path.format(channel=channel_id))

    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


async def test_a_picture_is_served_only_under_its_own_channel(
    browser: Browser, backend: Backend, ana: User, channel_id: str
) -> None:
    emote = await backend.emotes.add(channel_id, ana.user_id, "hype", still("PNG"))

    answer = await browser.client.get(f"/api/channels/other/emotes/{emote.emote_id}")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("name", "upload", "fields"),
    [
        ("", still("PNG"), {"name"}),
        ("two words", still("PNG"), {"name"}),
        ("x" * 25, still("PNG"), {"name"}),
        ("hype", b"", {"picture"}),
        ("", b"", {"name", "picture"}),
        ("hype", SVG, {"picture"}),
        ("hype", b"I am a picture, trust me", {"picture"}),
        ("hype", still("PNG")[:60], {"picture"}),
        ("hype", bomb(), {"picture"}),
        ("hype", still("PNG", 2001, 2), {"picture"}),
    ],
)
async def test_an_invalid_upload_is_refused_with_its_errors(
    browser: Browser, ana: User, channel_id: str, name: str, upload: bytes, fields: set[str]
) -> None:
    await browser.sign_in(ana)

    answer = await browser.client.post(UPLOADS, params={"name": name}, content=upload, headers=PNG)

    assert answer.status_code == 422
    error = error_of(answer)
    assert isinstance(error["fields"], dict)
    assert set(error["fields"]) == fields
    assert (await browser.client.get(f"/api/channels/{channel_id}/emotes")).json() == {"emotes": []}


async def test_a_taken_name_is_an_error_of_its_field(browser: Browser, ana: User, channel_id: str) -> None:
    await browser.sign_in(ana)
    await browser.client.post(UPLOADS, params={"name": "hype"}, content=still("PNG"), headers=PNG)

    answer = await browser.client.post(UPLOADS, params={"name": "Hype"}, content=still("PNG"), headers=PNG)

    assert answer.status_code == 409
    assert error_of(answer)["fields"] == {"name": "This channel already has an emote with this name. Choose another."}


async def test_a_file_of_the_maximum_size_is_accepted_and_a_larger_one_refused(browser: Browser, ana: User) -> None:
    await browser.sign_in(ana)
    largest = still("PNG").ljust(UPLOAD_MAX_BYTES, b"\0")

    passed = await browser.client.post(UPLOADS, params={"name": "hype"}, content=largest, headers=PNG)
    refused = await browser.client.post(UPLOADS, params={"name": "more"}, content=largest + b"\0", headers=PNG)

    assert passed.status_code == 201
    assert (refused.status_code, error_of(refused)["code"]) == (413, "too_large")


async def test_a_signed_out_user_cannot_add_an_emote(browser: Browser) -> None:
    answer = await browser.client.post(UPLOADS, params={"name": "hype"}, content=still("PNG"), headers=PNG)

    assert (answer.status_code, error_of(answer)["code"]) == (401, "not_signed_in")


async def test_a_suspension_ends_the_right_to_add_emotes(browser: Browser, backend: Backend, ana: User) -> None:
    await browser.sign_in(ana)
    await backend.store.users.set_banned(ana.user_id, banned=True)

    answer = await browser.client.post(UPLOADS, params={"name": "hype"}, content=still("PNG"), headers=PNG)

    assert (answer.status_code, error_of(answer)["code"]) == (401, "not_signed_in")


async def test_an_upload_to_another_users_channel_is_refused(
    browser: Browser, backend: Backend, ana: User, channel_id: str
) -> None:
    bob = User("user-bob", "Bob", "bob@example.com", "no hash", datetime.now(UTC))
    await backend.store.users.add(bob)
    await browser.sign_in(bob)

    added = await browser.client.post(UPLOADS, params={"name": "mine"}, content=still("PNG"), headers=PNG)

    assert channel_id not in added.json()["url"]
    assert (await browser.client.get(f"/api/channels/{channel_id}/emotes")).json() == {"emotes": []}


@pytest.mark.parametrize("origin", ["http://evil.test", "null", ""])
async def test_a_page_of_another_site_cannot_add_an_emote(
    browser: Browser, ana: User, channel_id: str, origin: str
) -> None:
    await browser.sign_in(ana)

    answer = await browser.client.post(
        UPLOADS, params={"name": "hype"}, content=still("PNG"), headers={**PNG, "origin": origin}
    )

    assert (answer.status_code, error_of(answer)["code"]) == (403, "foreign_origin")
    assert (await browser.client.get(f"/api/channels/{channel_id}/emotes")).json() == {"emotes": []}


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json", ""],
)
async def test_content_types_that_an_html_form_can_send_are_refused(browser: Browser, ana: User, kind: str) -> None:
    await browser.sign_in(ana)

    answer = await browser.client.post(
        UPLOADS, params={"name": "hype"}, content=still("PNG"), headers={"content-type": kind}
    )

    assert (answer.status_code, error_of(answer)["code"]) == (415, "not_picture")


async def test_other_endpoints_do_not_accept_pictures(browser: Browser, ana: User, api: FastAPI) -> None:
    answer = await browser.client.post("/api/auth/session", content=still("PNG"), headers=PNG)

    assert (answer.status_code, error_of(answer)["code"]) == (415, "not_json")
