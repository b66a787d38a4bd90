"""The commands ``streams`` and ``recordings`` of operators."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streaming_app.backend.__main__ import main
from streaming_app.backend.accounts.audit_log import AuditAction
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import ForbiddenError
from streaming_app.backend.media.recordings.model import Recording
from streaming_app.backend.media.recordings.service import LIST_MAX
from streaming_app.backend.streams.model import Publisher, StreamState
from tests.rig.password_hashing import with_quick_hashes

OBS = Publisher("1", "192.0.2.7", "OBS")
SEVEN = datetime(2026, 11, 25, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the settings of a new folder, which are the defaults."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


async def publish(*, is_new: bool = False) -> StreamState:
    """Connect the encoder of Ann's channel, and return the state of the channel's stream."""
    async with open_backend(with_quick_hashes(Settings())) as backend:
        if is_new:
            user = await backend.accounts.register(Registration("Ann", "ann@example.com", "correct horse"), "")
        else:
            user = await backend.store.users.get_by_login("ann")
        channel = await backend.channels.get_or_create(user)
        secret = (await backend.channels.stream_key(user.user_id)).partition("?key=")[2]
        return (await backend.streams.start(channel.channel_id, secret, OBS)).state


async def actions() -> list[str]:
    async with open_backend(Settings()) as backend:
        return [entry.action for entry in await backend.store.audit_log.newest(10)]


async def add_recording(backend: Backend, recording_id: str, *, ended_at: datetime | None = SEVEN) -> None:
    channel = await backend.channels.by_slug("ann")
    await backend.store.recordings.add(
        Recording(recording_id, channel.channel_id, "Chess", "Games", SEVEN, 3725.0, 9_000_000, ended_at=ended_at)
    )


def test_a_stream_is_listed_ended_and_allowed_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["streams", "list"]) == 0
    assert capsys.readouterr().out == "Nobody is live.\n"
    assert asyncio.run(publish(is_new=True)) is StreamState.LIVE

    assert main(["streams", "list"]) == 0
    slug, state, _, address, _ = capsys.readouterr().out.rstrip("\n").split("\t")
    assert (slug, state, address) == ("ann", "live", "192.0.2.7")

    assert main(["streams", "end", "ann", "--reason", "Copyright", "--block", "1 day"]) == 0
    assert capsys.readouterr().out == "Ann is offline, and cannot stream for 1 day.\n"
    assert main(["streams", "list"]) == 0
    assert capsys.readouterr().out == "Nobody is live.\n"
    with pytest.raises(ForbiddenError, match="Copyright"):
        asyncio.run(publish())

    assert main(["streams", "allow", "Ann"]) == 0
    assert capsys.readouterr().out == "Ann can stream again.\n"
    assert asyncio.run(publish()) is StreamState.LIVE
    assert asyncio.run(actions())[:2] == [AuditAction.STREAM_ALLOWED, AuditAction.STREAM_CUT_OFF]


def test_a_list_of_recordings_says_that_it_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(publish(is_new=True))

    async def add() -> None:
        async with open_backend(Settings()) as backend:
            for number in range(LIST_MAX + 1):
                await add_recording(backend, f"r-{number}")

    asyncio.run(add())
    assert main(["recordings", "list", "ann"]) == 0

    *recordings, last = capsys.readouterr().out.splitlines()
    assert len(recordings) == LIST_MAX
    assert last == f"Older ones than these {LIST_MAX} are not listed."


def test_a_recording_is_listed_and_removed(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(publish(is_new=True))

    async def add() -> None:
        async with open_backend(Settings()) as backend:
            await add_recording(backend, "r-1")

    assert main(["recordings", "list", "ann"]) == 0
    assert capsys.readouterr().out == "This channel has no recordings.\n"
    asyncio.run(add())
    assert main(["recordings", "list", "ann"]) == 0
    assert capsys.readouterr().out == "r-1\t2026-11-25 07:00 UTC\t1:02:05\t9 MB\tChess\n"

    assert main(["recordings", "remove", "r-1", "--reason", "Copyright"]) == 0
    said, about_backups, _ = capsys.readouterr().out.split("\n")
    assert said.startswith("The recording 'Chess' is removed.")
    assert about_backups == "Backups that were made before still contain it."
    assert main(["recordings", "list", "ann"]) == 0
    assert capsys.readouterr().out == "This channel has no recordings.\n"
    assert asyncio.run(actions())[0] == AuditAction.RECORDING_REMOVED


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (["streams", "end", "nobody", "--reason", "x"], "There is no such channel."),
        (["streams", "end", "ann", "--reason", " "], "Enter a reason. The streamer sees it."),
        (["streams", "allow", "nobody"], "There is no such channel."),
        (["recordings", "list", "nobody"], "There is no such channel."),
        (["recordings", "remove", "r-0"], "There is no such recording."),
    ],
)
def test_a_wrong_name_is_one_line(command: list[str], problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(publish(is_new=True))

    assert main(command) == 1

    assert capsys.readouterr().err == f"{problem}\n"


def test_the_recording_of_the_current_stream_is_not_removed(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(publish(is_new=True))

    async def add() -> str:
        async with open_backend(Settings()) as backend:
            channel = await backend.channels.by_slug("ann")
            stream_id = (await backend.store.streams.latest(channel.channel_id)).stream_id
            await add_recording(backend, stream_id, ended_at=None)
            return stream_id

    assert main(["recordings", "remove", asyncio.run(add())]) == 1

    assert "This stream is still being recorded." in capsys.readouterr().err
