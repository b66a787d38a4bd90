"""The profile of the user: what a program shows and changes of it."""

import httpx
import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.streams.model import Channel
from tests.api.conftest import Browser
from tests.api.v1.conftest import NewProgram, problem_of
from tests.rig.pictures import SVG, still

PNG = {"content-type": "image/png"}
PICTURE = "/api/v1/me/avatar"


async def test_a_program_changes_the_display_name_of_the_user_and_the_channel(
    program: httpx.AsyncClient, new_program: NewProgram, ana: User, channel: Channel
) -> None:
    mine = await new_program(ana, "profile:write")

    changed = await mine.patch("/api/v1/me", json={"display_name": "  Ana   the Great "})

    assert changed.json() == {
        "username": "Ana",
        "display_name": "Ana the Great",
        "avatar": None,
        "channel": "ana",
        "page": "/c/ana",
    }
    for path in ("/api/v1/users/ana", "/api/v1/channels/ana"):
        assert (await program.get(path)).json()["name"] == "Ana the Great"


async def test_an_empty_display_name_shows_the_username(
    program: httpx.AsyncClient, new_program: NewProgram, ana: User
) -> None:
    mine = await new_program(ana)
    await mine.patch("/api/v1/me", json={"display_name": "Ana the Great"})

    kept = await mine.patch("/api/v1/me", json={})
    removed = await mine.patch("/api/v1/me", json={"display_name": ""})

    assert [kept.json()["display_name"], removed.json()["display_name"]] == ["Ana the Great", ""]
    assert (await program.get("/api/v1/users/ana")).json()["name"] == "Ana"


@pytest.mark.parametrize("name", ["A", "x" * 51, "x" * 1001, "Admin", 5])
async def test_an_invalid_display_name_is_refused_with_its_field(
    new_program: NewProgram, backend: Backend, ana: User, name: object
) -> None:
    program = await new_program(ana)

    refused = await program.patch("/api/v1/me", json={"display_name": name})

    assert refused.status_code == 422
    assert [each["field"] for each in problem_of(refused)["errors"]] == ["display_name"]  # type: ignore[index, union-attr]
    assert (await backend.store.users.get(ana.user_id)).display_name == ""


@pytest.mark.parametrize("field", ["username", "email", "avatar", "site_role", "banned"])
async def test_other_fields_of_the_user_cannot_be_set(
    new_program: NewProgram, backend: Backend, ana: User, field: str
) -> None:
    program = await new_program(ana)
    before = await backend.store.users.get(ana.user_id)

    answer = await program.patch("/api/v1/me", json={"display_name": "new", field: "x"})

    assert answer.status_code == 422
    assert await backend.store.users.get(ana.user_id) == before


async def test_a_program_uploads_and_removes_the_picture(
    program: httpx.AsyncClient, new_program: NewProgram, ana: User, channel: Channel
) -> None:
    mine = await new_program(ana, "profile:write")

    uploaded = await mine.put(PICTURE, content=still("PNG"), headers=PNG)
    shown = [(await program.get(path)).json()["avatar"] for path in ("/api/v1/users/ana", "/api/v1/channels/ana")]
    picture = await program.get(shown[0])
    removed = await mine.delete(PICTURE)
    again = await mine.delete(PICTURE)

    assert shown == [uploaded.json()["avatar"]] * 2
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
    assert [removed.status_code, again.status_code] == [204, 204]
    assert (await program.get("/api/v1/users/ana")).json()["avatar"] is None
    assert (await program.get(shown[0])).status_code == 404


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"", "image/png", 422, "invalid"),
        (SVG, "image/svg+xml", 422, "invalid"),
        (b"{}", "application/json", 415, "not_picture"),
        (bytes(1024 * 1024 + 1), "image/png", 413, "too_large"),
    ],
)
async def test_an_upload_that_is_no_picture_is_refused(
    new_program: NewProgram, ana: User, content: bytes, kind: str, status: int, code: str
) -> None:
    program = await new_program(ana)

    refused = await program.put(PICTURE, content=content, headers={"content-type": kind})

    assert (refused.status_code, problem_of(refused)["code"]) == (status, code)


async def test_a_browser_uploads_a_picture_only_from_pages_of_the_site(browser: Browser, ana: User) -> None:
    await browser.sign_in(ana)

    foreign = await browser.client.put(PICTURE, content=still("PNG"), headers={**PNG, "origin": "https://evil.example"})
    own = await browser.client.put(PICTURE, content=still("PNG"), headers=PNG)

    assert [foreign.status_code, own.status_code] == [403, 200]
