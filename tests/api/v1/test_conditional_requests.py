"""Entity tags, conditional requests and caching."""

import asyncio

import httpx

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.streams.model import Channel
from tests.api.v1.conftest import NewProgram, add_stream, problem_of


async def test_unchanged_content_is_not_sent_again(
    program: httpx.AsyncClient, backend: Backend, ana: User, channel: Channel
) -> None:
    for path in ("/api/v1/channels", "/api/v1/channels/ana", "/api/v1/users/ana", "/api/v1/openapi.json"):
        first = await program.get(path)
        again = await program.get(path, headers={"if-none-match": first.headers["etag"]})
        weak = await program.get(path, headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
        other = await program.get(path, headers={"if-none-match": '"other"'})

        assert [again.status_code, weak.status_code, other.status_code] == [304, 304, 200]
        assert again.content == b""
        assert again.headers["etag"] == first.headers["etag"]


async def test_changed_content_has_another_tag(
    program: httpx.AsyncClient, backend: Backend, ana: User, channel: Channel
) -> None:
    before = (await program.get("/api/v1/channels/ana")).headers["etag"]

    await backend.channels.set_title_and_category(ana.user_id, "new", "")
    described = (await program.get("/api/v1/channels/ana")).headers["etag"]
    await add_stream(backend, channel, 1, is_live=True)
    live = (await program.get("/api/v1/channels/ana")).headers["etag"]

    assert len({before, described, live}) == 3


async def test_private_content_is_not_stored_by_caches(
    program: httpx.AsyncClient, new_program: NewProgram, ana: User, channel: Channel
) -> None:
    mine = await new_program(ana)

    for path in ("/me", "/me/token", "/me/sessions", "/me/follows", "/channels/ana/stats"):
        assert (await mine.get(f"/api/v1{path}")).headers["cache-control"] == "no-store"
    assert (await program.get("/api/v1/channels/ana")).headers["cache-control"] == "no-cache"
    assert (await program.get("/api/v1/channels/nobody")).headers["cache-control"] == "no-store"


async def test_a_change_of_an_outdated_version_is_refused(
    new_program: NewProgram, backend: Backend, ana: User, channel: Channel
) -> None:
    program = await new_program(ana)
    outdated = (await program.get("/api/v1/channels/ana")).headers["etag"]

    changed = await program.patch("/api/v1/channels/ana", json={"title": "mine"}, headers={"if-match": outdated})
    refused = await program.patch("/api/v1/channels/ana", json={"title": "late"}, headers={"if-match": outdated})
    current = await program.get("/api/v1/channels/ana")

    assert changed.status_code == 200
    assert (refused.status_code, problem_of(refused)["code"]) == (412, "changed")
    assert current.json()["title"] == "mine"
    assert current.headers["etag"] == changed.headers["etag"]


async def test_a_change_of_an_outdated_profile_is_refused(new_program: NewProgram, ana: User) -> None:
    program = await new_program(ana)
    outdated = (await program.get("/api/v1/me")).headers["etag"]

    changed = await program.patch("/api/v1/me", json={"display_name": "Mine"}, headers={"if-match": outdated})
    refused = await program.patch("/api/v1/me", json={"display_name": "Late"}, headers={"if-match": outdated})
    current = await program.get("/api/v1/me")

    assert changed.status_code == 200
    assert (refused.status_code, problem_of(refused)["code"]) == (412, "changed")
    assert current.json()["display_name"] == "Mine"
    assert current.headers["etag"] == changed.headers["etag"]


async def test_of_concurrent_changes_of_the_same_version_one_is_made(
    new_program: NewProgram, ana: User, channel: Channel
) -> None:
    program = await new_program(ana)
    tag = (await program.get("/api/v1/channels/ana")).headers["etag"]

    answers = await asyncio.gather(
        *[
            program.patch("/api/v1/channels/ana", json={"title": f"title {number}"}, headers={"if-match": tag})
            for number in range(8)
        ]
    )

    [changed] = [answer for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} <= {200, 409, 412}
    assert (await program.get("/api/v1/channels/ana")).json() == changed.json()
