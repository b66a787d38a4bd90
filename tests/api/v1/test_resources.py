"""The resources of the API: what they show to whom, and what they change."""

import httpx
import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.streams.model import Channel
from tests.api.conftest import Browser
from tests.api.v1.conftest import NewProgram, add_recording, add_stream, problem_of


async def test_me_is_the_user_of_the_token(new_program: NewProgram, ana: User) -> None:
    program = await new_program(ana, "profile:read")

    me, token = await program.get("/api/v1/me"), await program.get("/api/v1/me/token")

    assert me.json().items() >= {"username": "Ana", "email": "ana@example.com", "channel": "ana"}.items()
    assert "hash" not in me.text
    assert (token.json()["name"], token.json()["scopes"]) == ("test", ["profile:read"])


async def test_a_session_has_no_token(browser: Browser, ana: User) -> None:
    await browser.sign_in(ana)

    assert (await browser.client.get("/api/v1/me/token")).status_code == 404


async def test_a_program_ends_a_session_of_its_user_and_of_no_one_else(
    browser: Browser, new_program: NewProgram, backend: Backend, ana: User, bob: User
) -> None:
    await browser.sign_in(ana)
    mine, others = await new_program(ana), await new_program(bob)
    [session] = (await mine.get("/api/v1/me/sessions")).json()["items"]

    stranger = await others.delete(f"/api/v1/me/sessions/{session['id']}")
    still_in = await browser.client.get("/api/v1/me")
    ended = await mine.delete(f"/api/v1/me/sessions/{session['id']}")
    again = await mine.delete(f"/api/v1/me/sessions/{session['id']}")

    assert [stranger.status_code, still_in.status_code, ended.status_code, again.status_code] == [404, 200, 204, 404]
    assert (await browser.client.get("/api/v1/me")).status_code == 401


async def test_a_profile_shows_nothing_private(
    program: httpx.AsyncClient, ana: User, bob: User, channel: Channel
) -> None:
    ana_shown, bob_shown = await program.get("/api/v1/users/ANA"), await program.get("/api/v1/users/bob")

    assert ana_shown.json().items() >= {"username": "Ana", "channel": "ana", "page": "/c/ana"}.items()
    assert bob_shown.json()["channel"] is None
    assert "example.com" not in ana_shown.text + bob_shown.text


async def test_a_channel_shows_its_state_and_no_secret(
    program: httpx.AsyncClient, backend: Backend, channel: Channel
) -> None:
    offline = (await program.get("/api/v1/channels/ana")).json()
    await add_stream(backend, channel, 1, is_live=True)
    await backend.channels.set_latency(channel.owner_id, "realtime")
    live = (await program.get("/api/v1/channels/ANA")).json()

    assert (offline["is_live"], live["is_live"]) == (False, True)
    assert (offline["delay"], live["delay"]) == ("low", "realtime")
    assert live["playlist"] == f"/hls/{channel.channel_id}/index.m3u8"
    assert not [name for name in live if "key" in name or "owner" in name]


async def test_the_owner_describes_the_channel_and_its_stream(
    new_program: NewProgram, backend: Backend, ana: User, channel: Channel
) -> None:
    program = await new_program(ana)
    stream = await add_stream(backend, channel, 1, is_live=True)

    titled = await program.patch("/api/v1/channels/ana", json={"title": " Chess  at night "})
    sorted_in = await program.patch("/api/v1/channels/ana", json={"category": "Chess"})

    assert (titled.json()["title"], sorted_in.json()["title"]) == ("Chess at night", "Chess at night")
    shown = (await program.get(f"/api/v1/streams/{stream.stream_id}")).json()
    assert (shown["title"], shown["category"]) == ("Chess at night", "Chess")


async def test_nobody_else_describes_the_channel_or_sees_its_statistics(
    new_program: NewProgram, backend: Backend, bob: User, channel: Channel
) -> None:
    program = await new_program(bob)
    await backend.channels.get_or_create(bob)

    changed = await program.patch("/api/v1/channels/ana", json={"title": "bob was here"})
    stats = await program.get("/api/v1/channels/ana/stats")

    assert [changed.status_code, stats.status_code] == [403, 403]
    assert (await backend.channels.by_slug("ana")).title == channel.title


async def test_the_owner_sees_the_statistics(
    new_program: NewProgram, backend: Backend, ana: User, bob: User, channel: Channel
) -> None:
    await backend.follows.follow(channel.channel_id, bob.user_id)
    stream = await add_stream(backend, channel, 1, is_live=True)
    await add_recording(backend, channel, 0)
    backend.audience.join(channel.channel_id, "p", "@Bob")

    stats = (await (await new_program(ana)).get("/api/v1/channels/ana/stats")).json()

    assert (stats["viewers"], stats["followers"], stats["recordings_bytes"]) == (1, 1, 1000)
    assert (stats["stream"]["id"], stats["health"]) == (stream.stream_id, None)
    assert stats["advice"]


async def test_a_stream_has_viewers_until_it_ends(
    program: httpx.AsyncClient, backend: Backend, channel: Channel
) -> None:
    await add_stream(backend, channel, 0)
    await add_stream(backend, channel, 1, is_live=True)
    backend.audience.join(channel.channel_id, "p", "@Bob")

    streams = (await program.get("/api/v1/channels/ana/streams")).json()["items"]

    assert [(each["state"], each["viewers"]) for each in streams] == [("live", 1), ("offline", None)]


async def test_a_user_follows_and_unfollows(
    new_program: NewProgram, backend: Backend, ana: User, bob: User, channel: Channel
) -> None:
    program = await new_program(bob)

    statuses = [(await program.put("/api/v1/me/follows/ana")).status_code for _ in range(2)]
    listed = (await program.get("/api/v1/me/follows")).json()["items"]
    statuses += [(await program.delete("/api/v1/me/follows/ana")).status_code for _ in range(2)]
    own = await (await new_program(ana)).put("/api/v1/me/follows/ana")

    assert statuses == [204, 204, 204, 404]
    assert [(each["channel"], each["name"]) for each in listed] == [("ana", "Ana")]
    assert (own.status_code, problem_of(own)["detail"]) == (403, "You can't follow your own channel.")
    assert (await program.get("/api/v1/me/follows")).json()["items"] == []


@pytest.mark.usefixtures("archived_chat")
async def test_a_message_is_posted_read_and_answered(new_program: NewProgram, bob: User, channel: Channel) -> None:
    program = await new_program(bob, "chat:write")

    first = await program.post("/api/v1/channels/ana/messages", json={"text": "hi"})
    reply = await program.post("/api/v1/channels/ana/messages", json={"text": "hello", "reply_to": first.json()["id"]})
    command = await program.post("/api/v1/channels/ana/messages", json={"text": "/slow 5"})

    newest_first = (await program.get("/api/v1/channels/ana/messages")).json()["items"]
    assert [first.status_code, reply.status_code, command.status_code] == [201, 201, 403]
    assert [(each["username"], each["text"]) for each in newest_first] == [("Bob", "hello"), ("Bob", "hi")]
    assert newest_first[0]["reply_to"] == {"id": first.json()["id"], "username": "Bob", "text": "hi"}


async def test_only_the_owner_deletes_a_recording(
    new_program: NewProgram, backend: Backend, ana: User, bob: User, channel: Channel
) -> None:
    path = f"/api/v1/recordings/{(await add_recording(backend, channel, 1)).recording_id}"
    owner, stranger = await new_program(ana), await new_program(bob)

    statuses = [
        (await program.request(method, path)).status_code
        for program, method in ((stranger, "DELETE"), (stranger, "GET"), (owner, "DELETE"), (owner, "DELETE"))
    ]

    assert statuses == [403, 200, 204, 404]


async def test_the_token_of_a_banned_user_does_nothing(new_program: NewProgram, backend: Backend, ana: User) -> None:
    program = await new_program(ana)
    await backend.store.users.set_banned(ana.user_id, banned=True)

    assert (await program.get("/api/v1/me")).status_code == 403
    assert (await program.get("/api/v1/channels")).status_code == 403
