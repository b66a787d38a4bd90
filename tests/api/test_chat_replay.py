"""The chat of a recording, in pages."""

from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.bus import position_of
from streaming_app.backend.chat.model import ChatMessage
from streaming_app.backend.media.recordings.model import Recording
from tests.api.conftest import Browser, error_of

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
END = START + timedelta(hours=1)


async def said(backend: Backend, channel_id: str, *seconds: int) -> None:
    """Post one message at each of these seconds after the start of the stream."""
    await backend.store.chat_archive.add(
        [
            ChatMessage(
                f"m-{channel_id}-{second}-{number}",
                channel_id,
                "u-bob",
                "Bob",
                f"at {second}",
                START + timedelta(seconds=second),
                position_of(START + timedelta(seconds=second), number),
            )
            for number, second in enumerate(seconds)
        ]
    )


@pytest.fixture
async def channel_id(backend: Backend, ana: User) -> str:
    """A channel with a finished recording, r-1, and a running one, r-2."""
    channel = await backend.channels.get_or_create(ana)
    await backend.store.recordings.add(
        Recording("r-1", channel.channel_id, "Tonight", "", START, seconds=3600.0, ended_at=END)
    )
    await backend.store.recordings.add(Recording("r-2", channel.channel_id, "Now", "", START))
    return channel.channel_id


async def test_the_chat_of_a_recording_has_the_messages_sent_during_it_in_order(
    browser: Browser, backend: Backend, channel_id: str
) -> None:
    await said(backend, channel_id, -1, 0, 5, 3600, 3601)
    await said(backend, "c-other", 4)

    answer = await browser.client.get("/api/recordings/r-1/chat")

    assert answer.status_code == 200
    replay = answer.json()
    assert [message["text"] for message in replay["messages"]] == ["at 0", "at 5", "at 3600"]
    assert replay["complete_to"] is None
    assert set(replay["messages"][0]) == {"id", "name", "text", "at"}
    assert replay["messages"][0]["at"] == "2026-11-24T12:00:00Z"


async def test_reading_may_begin_at_any_time_after_the_start_of_the_stream(
    browser: Browser, backend: Backend, channel_id: str
) -> None:
    await said(backend, channel_id, -60, 0, 5, 10)

    for since, first in ((5, "at 5"), (6, "at 10"), (-60, "at 0")):
        instant = (START + timedelta(seconds=since)).isoformat()
        answer = await browser.client.get("/api/recordings/r-1/chat", params={"since": instant})
        assert answer.json()["messages"][0]["text"] == first


async def test_no_position_gives_messages_from_before_the_stream(
    browser: Browser, backend: Backend, channel_id: str
) -> None:
    await said(backend, channel_id, -3600, -60, 0, 5)

    for after in ("1", str(position_of(START - timedelta(minutes=1), 0))):
        answer = await browser.client.get("/api/recordings/r-1/chat", params={"after": after})
        assert [message["text"] for message in answer.json()["messages"]] == ["at 0", "at 5"]


async def test_a_long_chat_is_paged_without_duplicates_or_gaps(
    browser: Browser, backend: Backend, channel_id: str
) -> None:
    await said(backend, channel_id, *(n // 3 for n in range(450)))

    texts: list[str] = []
    pages = 0
    parameters: dict[str, str] = {}
    while True:
        replay = (await browser.client.get("/api/recordings/r-1/chat", params=parameters)).json()
        texts += [message["id"] for message in replay["messages"]]
        parameters = {"after": replay["next"]}
        pages += 1
        if replay["complete_to"] is None:
            break
        assert replay["complete_to"] == replay["messages"][-1]["at"]

    assert pages == 3
    assert len(texts) == len(set(texts)) == 450


async def test_the_chat_of_an_unfinished_recording_is_never_complete(
    browser: Browser, backend: Backend, channel_id: str
) -> None:
    await said(backend, channel_id, 5)

    replay = (await browser.client.get("/api/recordings/r-2/chat")).json()
    behind = (await browser.client.get("/api/recordings/r-2/chat", params={"after": replay["next"]})).json()

    assert replay["complete_to"] is not None
    assert behind["messages"] == []
    assert behind["next"] == replay["next"]


async def test_the_replay_of_a_recording_whose_chat_was_deleted_is_empty(
    browser: Browser, backend: Backend, channel_id: str
) -> None:
    await said(backend, channel_id, 0, 5)
    first = (await browser.client.get("/api/recordings/r-1/chat")).json()
    await backend.store.old_records.remove_chat(END, 10)

    again = await browser.client.get("/api/recordings/r-1/chat")
    continued = await browser.client.get("/api/recordings/r-1/chat", params={"after": first["next"]})

    for answer in (again, continued):
        assert answer.status_code == 200
        assert (answer.json()["messages"], answer.json()["complete_to"]) == ([], None)


async def test_the_chat_of_an_unknown_recording_returns_404(browser: Browser, channel_id: str) -> None:
    answer = await browser.client.get("/api/recordings/r-3/chat")

    assert answer.status_code == 404
    assert error_of(answer)["message"] == "There is no such recording."


@pytest.mark.parametrize(
    "parameters", [{"since": "yesterday"}, {"since": "2026-11-24T12:00:00"}, {"after": "-1"}, {"after": "9" * 19}]
)
async def test_an_invalid_position_is_refused(browser: Browser, channel_id: str, parameters: dict[str, str]) -> None:
    answer = await browser.client.get("/api/recordings/r-1/chat", params=parameters)

    assert answer.status_code == 422
    assert error_of(answer)["fields"]
