"""Preview pictures of live streams, made from real video."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streaming_app.backend.media.thumbnails import Keyframe, ThumbnailError, make_thumbnail, newest_keyframes
from streaming_app.backend.packager.server import open_packager
from streaming_app.backend.streams.model import StreamState
from streaming_app.backend.streams.urls import preview_file_name
from streaming_app.backend.workers import thumbnails
from tests.rig.conditions import until
from tests.rtmp.conftest import Ingest, Owner

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
JPEG = b"\xff\xd8\xff"


@pytest.mark.parametrize("reconnect_grace", [2])
async def test_a_live_stream_has_a_thumbnail_that_is_updated_and_kept(ingest: Ingest, ada: Owner) -> None:
    folder = ingest.settings.data_dir / "thumbnails"
    making = asyncio.create_task(thumbnails.run(ingest.backend))
    ingest.stack.callback(making.cancel)
    async with ingest.web():
        encoder = ingest.publish(ada.stream_key)
        await ingest.until_state(ada, StreamState.LIVE)
        picture = folder / preview_file_name(await ingest.backend.streams.latest(ada.channel.channel_id))
        await until(picture.exists, "there was a picture")
        first = picture.read_bytes()
        await until(lambda: picture.read_bytes() != first, "the picture was renewed")
        await asyncio.to_thread(encoder.stop)
        await ingest.until_state(ada, StreamState.OFFLINE)
    answers = [
        await ingest.browser.get(f"/thumbnails/{name}") for name in (picture.name, f"{ada.channel.channel_id}.jpg")
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert all(answer.content.startswith(JPEG) for answer in answers)
    assert await _size_of(picture) == "640x360"
    assert {file.name for file in folder.iterdir()} == {picture.name, f"{ada.channel.channel_id}.jpg"}


async def test_a_thumbnail_can_be_made_from_low_latency_hls_alone(ingest: Ingest, ada: Owner) -> None:
    plain = ingest.settings.data_dir / "hls"
    plain.rmdir()
    plain.touch()  # a file in place of nginx's folder, so that it cannot write segments
    folder = ingest.settings.data_dir / "thumbnails"
    making = asyncio.create_task(thumbnails.run(ingest.backend))
    ingest.stack.callback(making.cancel)
    await ingest.stack.enter_async_context(open_packager(ingest.settings))
    async with ingest.web():
        ingest.publish(ada.stream_key)
        await ingest.until_state(ada, StreamState.LIVE)
        picture = folder / preview_file_name(await ingest.backend.streams.latest(ada.channel.channel_id))
        await until(picture.exists, "there was a picture")

    assert await _size_of(picture) == "640x360"


async def test_a_new_stream_deletes_the_thumbnails_of_the_previous_one(ingest: Ingest, ada: Owner) -> None:
    folder = ingest.settings.data_dir / "thumbnails"
    folder.mkdir(parents=True, exist_ok=True)
    before = [folder / f"{ada.channel.channel_id}-{name}.jpg" for name in ("x1", "x2")]
    before.append(folder / f"{ada.channel.channel_id}.jpg")
    other = folder / f"{ada.channel.channel_id}9.jpg"
    for picture in [*before, other]:
        picture.write_bytes(b"of another stream")
    making = asyncio.create_task(thumbnails.run(ingest.backend))
    ingest.stack.callback(making.cancel)
    async with ingest.web():
        ingest.publish(ada.stream_key)
        await ingest.until_state(ada, StreamState.LIVE)
        picture = folder / preview_file_name(await ingest.backend.streams.latest(ada.channel.channel_id))
        await until(picture.exists, "there was a picture")

    assert not any(old.exists() for old in before[:2])
    assert before[2].read_bytes() == picture.read_bytes()
    assert other.exists()


async def test_a_channel_without_video_has_no_thumbnail_and_logs_no_error(
    ingest: Ingest, ada: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = ingest.settings.data_dir / "hls" / ada.channel.channel_id

    assert newest_keyframes(nowhere, nowhere, EPOCH) == []
    assert caplog.text == ""


@pytest.mark.parametrize("playlist", ["", "#EXTM3U\n#EXT-X-VERSION:3\n"])
def test_a_playlist_without_segments_has_no_newest_segment(tmp_path: Path, playlist: str) -> None:
    (tmp_path / "index.m3u8").write_text(playlist)

    assert newest_keyframes(tmp_path / "none", tmp_path, EPOCH) == []


def test_the_newest_segment_is_the_last_in_the_playlist(tmp_path: Path) -> None:
    (tmp_path / "index.m3u8").write_text("#EXTM3U\n#EXTINF:1.000,\n1.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:0.9,\n2.ts\n")

    assert newest_keyframes(tmp_path / "none", tmp_path, EPOCH) == [Keyframe((tmp_path / "2.ts",), 0.002)]


def test_a_segment_from_before_the_stream_gives_no_thumbnail(tmp_path: Path) -> None:
    (tmp_path / "index.m3u8").write_text("#EXTM3U\n#EXTINF:1.000,\n1000.ts\n#EXTINF:1.000,\n2000.ts\n")

    assert newest_keyframes(tmp_path / "none", tmp_path, EPOCH + timedelta(seconds=2))
    assert newest_keyframes(tmp_path / "none", tmp_path, EPOCH + timedelta(seconds=2.5)) == []


def test_low_latency_gives_the_first_part_of_its_newest_segment(tmp_path: Path) -> None:
    for name in ("init-7.mp4", "init-9.mp4", "7.m4s", "7.0.m4s", "8.0.m4s", "8.1.m4s", ".9.0.m4s"):
        (tmp_path / name).touch()
    os.utime(tmp_path / "8.0.m4s", (100, 100))

    found = newest_keyframes(tmp_path, tmp_path / "none", EPOCH)

    assert found == [Keyframe((tmp_path / "init-7.mp4", tmp_path / "8.0.m4s"), 100.0)]
    assert newest_keyframes(tmp_path, tmp_path / "none", EPOCH + timedelta(seconds=101)) == []


def test_the_newer_kind_of_hls_comes_first(tmp_path: Path) -> None:
    low_latency, plain = tmp_path / "source", tmp_path / "hls"
    low_latency.mkdir()
    plain.mkdir()
    for name in ("init-1.mp4", "1.0.m4s"):
        (low_latency / name).touch()
    (plain / "index.m3u8").write_text("#EXTM3U\n#EXTINF:1.000,\n200000.ts\n")

    def kinds(written_at: float) -> list[str]:
        os.utime(low_latency / "1.0.m4s", (written_at, written_at))
        return [keyframe.files[-1].suffix for keyframe in newest_keyframes(low_latency, plain, EPOCH)]

    assert kinds(201.0) == [".m4s", ".ts"]
    assert kinds(199.0) == [".ts", ".m4s"]


@pytest.mark.parametrize("content", [None, b"", b"no video"])
async def test_a_file_without_video_is_an_error_and_keeps_the_last_thumbnail(
    tmp_path: Path, content: bytes | None
) -> None:
    segment, picture = tmp_path / "1.ts", tmp_path / "c1.jpg"
    picture.write_bytes(JPEG)
    if content is not None:
        segment.write_bytes(content)

    with pytest.raises(ThumbnailError, match=r"\w"):
        await make_thumbnail(Keyframe((segment,), 0.0), picture)

    assert picture.read_bytes() == JPEG


async def _size_of(picture: Path) -> str:
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0:s=x", str(picture)]
    probe = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await probe.communicate()
    return said.decode().strip()
