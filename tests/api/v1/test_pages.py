"""Lists in pages, with cursors and links."""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming_app.backend.accounts.model import User
from streaming_app.backend.api.v1.pages import decode, decode_time_and_id, encode
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.chat.model import ChatMessage
from streaming_app.backend.errors import InvalidError
from streaming_app.backend.streams.model import Channel
from tests.api.v1.conftest import NOW, NewProgram, add_recording, add_stream, problem_of

COUNT = 7


async def several_channels(backend: Backend, ana: User) -> None:
    for number in range(COUNT):
        user = User(f"u-{number}", f"user{number}", f"u{number}@example.com", "no hash", NOW)
        await backend.store.users.add(user)
        channel = await backend.channels.get_or_create(user)
        await add_stream(backend, channel, number // 2, is_live=True)
        await backend.store.follows.follow(channel.channel_id, ana.user_id, NOW + timedelta(minutes=number // 2))


async def several_things_of_a_channel(backend: Backend, ana: User) -> None:
    channel = await backend.channels.get_or_create(ana)
    for number in range(COUNT):
        await add_stream(backend, channel, number)
        await add_recording(backend, channel, number)
    await backend.store.chat_archive.add(
        [
            ChatMessage(f"m-{n}", channel.channel_id, ana.user_id, "Ana", f"message {n}", NOW, position=n + 1)
            for n in range(COUNT)
        ]
    )


Prepare = Callable[[Backend, User], Coroutine[Any, Any, None]]


@pytest.mark.parametrize("limit", [1, 2, 3, COUNT, COUNT + 1])
@pytest.mark.parametrize(
    ("path", "prepare"),
    [
        ("/api/v1/channels", several_channels),
        ("/api/v1/channels?live=true", several_channels),
        ("/api/v1/streams", several_channels),
        ("/api/v1/me/follows", several_channels),
        ("/api/v1/channels/ana/streams", several_things_of_a_channel),
        ("/api/v1/channels/ana/recordings", several_things_of_a_channel),
        ("/api/v1/channels/ana/messages", several_things_of_a_channel),
    ],
)
async def test_the_pages_of_a_list_have_every_item_once_and_in_order(
    new_program: NewProgram, backend: Backend, ana: User, path: str, prepare: Prepare, limit: int
) -> None:
    await prepare(backend, ana)
    program = await new_program(ana)
    whole: list[object] = (await program.get(path, params={"limit": 100})).json()["items"]

    found: list[object] = []
    url = str(httpx.URL(path).copy_merge_params({"limit": limit}))
    while url:
        answer = await program.get(url)
        found += answer.json()["items"]
        url = answer.links["next"]["url"] if "next" in answer.links else ""
        assert (answer.json()["next"] is None) == (url == "")
        assert len(answer.json()["items"]) <= limit

    assert found == whole
    assert len(whole) == COUNT


async def test_a_list_without_items_has_one_empty_page(program: httpx.AsyncClient, channel: Channel) -> None:
    for path in ("/api/v1/streams", "/api/v1/channels/ana/messages", "/api/v1/channels?live=true"):
        answer = await program.get(path)
        assert answer.json() == {"items": [], "next": None}
        assert "link" not in answer.headers


@pytest.mark.parametrize(
    "cursor", ["nonsense", "e30", "W10", encode([-1]), encode([1 << 63]), encode(["x"]), encode([1, "x"]), "%00", "é"]
)
@pytest.mark.parametrize("path", ["/api/v1/channels/ana/messages"])
async def test_a_cursor_of_another_list_is_invalid(
    program: httpx.AsyncClient, channel: Channel, path: str, cursor: str
) -> None:
    problem = problem_of(await program.get(path, params={"cursor": cursor}))

    assert problem["status"] == 422
    assert str(problem["errors"]).startswith("[{'field': 'cursor'")


@given(st.integers(min_value=0, max_value=(1 << 63) - 1), st.text(st.characters(codec="ascii"), max_size=40))
def test_a_cursor_is_read_as_it_was_written(number: int, text: str) -> None:
    assert decode(encode([number, text]), int, str) == [number, text]


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: raw.hex()))
def test_no_text_breaks_the_reading_of_cursors(text: str) -> None:
    for read in (lambda: decode(text, int), lambda: decode(text, str), lambda: decode_time_and_id(text)):
        with suppress(InvalidError):
            read()
