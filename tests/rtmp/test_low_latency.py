"""Low-latency HLS from nginx: real publishers, the packager, and requests at the front door."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import m3u8
import pytest

from streaming_app.backend.config import Settings
from streaming_app.backend.media.playback_reports import DeliveryMode
from streaming_app.backend.packager.packager import Packager
from streaming_app.backend.packager.server import open_packager
from tests.rig.conditions import until_async
from tests.rig.ffmpeg import FRAMES_PER_SECOND, probe
from tests.rtmp.conftest import Ingest, Owner


class Viewer:
    """The requests of a player for one channel."""

    def __init__(self, browser: httpx.AsyncClient, owner: Owner, rendition: str = "source") -> None:
        self._browser = browser
        self.rendition = rendition
        self.folder = f"/ll/{owner.channel.channel_id}"

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self._browser.get(f"{self.folder}/{path}", headers=headers)

    async def playlist(self, query: str = "") -> m3u8.M3U8:
        answer = await self.get(f"{self.rendition}/index.m3u8{query}")
        return m3u8.loads(answer.text if answer.status_code == 200 else "#EXTM3U\n")

    async def until_segments(self, count: int, *, after: int = 0) -> m3u8.M3U8:
        """Return the playlist when it has ``count`` complete segments with numbers above ``after``."""
        found: list[m3u8.M3U8] = []

        async def has_them() -> bool:
            found[:] = [await self.playlist()]
            return len([n for n in numbers(found[0]) if n > after]) >= count

        await until_async(has_them, f"there were {count} segments")
        return found[0]


def _without_ladder(ingest: Ingest) -> Settings:
    return ingest.settings.model_copy(update={"transcode": "off"})


def numbers(playlist: m3u8.M3U8) -> list[int]:
    """Return the numbers of the complete segments."""
    return [int(segment.uri.partition(".")[0]) for segment in playlist.segments if segment.uri]


@pytest.fixture
async def packager(ingest: Ingest) -> AsyncIterator[Packager]:
    async with ingest.web(), open_packager(_without_ladder(ingest)) as packager:
        yield packager


@pytest.fixture
def viewer(ingest: Ingest, ada: Owner) -> Viewer:
    return Viewer(ingest.browser, ada)


async def whole(viewer: Viewer, playlist: m3u8.M3U8) -> bytes:
    """Return everything that the playlist lists, as one file."""
    segments = [segment for segment in playlist.segments if segment.uri]
    assert segments[0].init_section is not None
    names = [segments[0].init_section.uri, *(segment.uri for segment in segments)]
    answers = [await viewer.get(f"{viewer.rendition}/{name}") for name in names]
    assert {answer.status_code for answer in answers} == {200}
    return b"".join(answer.content for answer in answers)


@pytest.mark.usefixtures("packager")
async def test_a_published_stream_can_be_decoded_to_its_last_frame(
    ingest: Ingest, ada: Owner, viewer: Viewer, tmp_path: Path
) -> None:
    ingest.publish(ada.stream_key)
    playlist = await viewer.until_segments(3)

    streams = probe(await whole(viewer, playlist), tmp_path / "whole.mp4")

    seconds = sum(segment.duration or 0 for segment in playlist.segments if segment.uri)
    assert (streams["video"]["codec_name"], streams["audio"]["codec_name"]) == ("h264", "aac")
    assert (streams["video"]["width"], streams["video"]["height"]) == (640, 360)
    assert int(streams["video"]["nb_read_frames"]) == pytest.approx(seconds * 30, abs=1)
    assert int(streams["audio"]["nb_read_frames"]) == pytest.approx(seconds * 48_000 / 1024, abs=6)


@pytest.mark.usefixtures("packager")
@pytest.mark.parametrize(("without", "kinds"), [("-an", {"video"}), ("-vn", {"audio"})])
async def test_audio_or_video_alone_is_served_as_low_latency_and_plain_hls(
    ingest: Ingest, ada: Owner, viewer: Viewer, tmp_path: Path, without: str, kinds: set[str]
) -> None:
    ingest.publish(ada.stream_key, without)
    playlist = await viewer.until_segments(2)

    streams = probe(await whole(viewer, playlist), tmp_path / "whole.mp4")

    assert set(streams) == kinds
    await ingest.until_video(ada)


@pytest.mark.usefixtures("packager")
async def test_b_frames_keep_their_timestamps(ingest: Ingest, ada: Owner, viewer: Viewer, tmp_path: Path) -> None:
    ingest.publish(ada.stream_key, "-bf", "2")
    playlist = await viewer.until_segments(3)

    streams = probe(await whole(viewer, playlist), tmp_path / "whole.mp4")

    seconds = sum(segment.duration or 0 for segment in playlist.segments if segment.uri)
    assert streams["video"]["has_b_frames"] == 2
    assert int(streams["video"]["nb_read_frames"]) == pytest.approx(seconds * 30, abs=1)


@pytest.mark.usefixtures("packager")
async def test_the_multivariant_playlist_names_codecs_and_resolution(
    ingest: Ingest, ada: Owner, viewer: Viewer
) -> None:
    ingest.publish(ada.stream_key)
    await viewer.until_segments(1)

    [rendition] = m3u8.loads((await viewer.get("index.m3u8")).text).playlists

    assert rendition.uri == "source/index.m3u8"
    assert rendition.stream_info.resolution == (640, 360)
    assert rendition.stream_info.codecs is not None
    assert rendition.stream_info.codecs.startswith("avc1.")
    assert rendition.stream_info.codecs.endswith(",mp4a.40.2")


@pytest.mark.usefixtures("packager")
async def test_the_live_edge_is_followed_with_blocking_requests(ingest: Ingest, ada: Owner, viewer: Viewer) -> None:
    ingest.publish(ada.stream_key)
    playlist = await viewer.until_segments(1)

    for _ in range(12):
        assert playlist.preload_hint is not None
        assert playlist.preload_hint.uri is not None
        number, part, _ = playlist.preload_hint.uri.split(".")
        playlist = await viewer.playlist(f"?_HLS_msn={number}&_HLS_part={part}&_HLS_skip=YES")
        newest = playlist.segments[-1].parts[-1]
        assert newest.uri is not None
        assert (await viewer.get(f"source/{newest.uri}")).status_code == 200


@pytest.mark.usefixtures("packager")
async def test_reports_of_players_reach_the_packager(ingest: Ingest, ada: Owner, viewer: Viewer) -> None:
    ingest.publish(ada.stream_key)
    await viewer.until_segments(1)
    path = f"/hls/{ada.channel.channel_id}/playback"
    report = {"player": "player1", "delivery": "plain", "delay_ms": 4_000, "stalls": 2}

    reported = await ingest.browser.post(path, json=report, headers={"Origin": "https://embedding.test"})
    large = await ingest.browser.post(path, content=b" " * 2_000)
    read = await ingest.browser.get(path)

    assert (reported.status_code, large.status_code, read.status_code) == (204, 413, 403)
    assert reported.headers["access-control-allow-origin"] == "*"
    health = await ingest.backend.packager.health(ada.channel.channel_id)
    assert health is not None
    assert health.playback is not None
    assert health.playback.deliveries[0].delivery is DeliveryMode.PLAIN


@pytest.mark.usefixtures("packager")
async def test_parts_have_a_duration_of_200_ms(ingest: Ingest, ada: Owner, viewer: Viewer) -> None:
    ingest.publish(ada.stream_key)

    playlist = await viewer.until_segments(1)

    assert playlist.part_inf is not None
    assert playlist.part_inf.part_target == pytest.approx(0.2, abs=0.005)


@pytest.mark.usefixtures("packager")
async def test_a_hinted_part_is_sent_when_it_exists(ingest: Ingest, ada: Owner, viewer: Viewer) -> None:
    ingest.publish(ada.stream_key)
    await viewer.until_segments(1)

    async def hinted() -> httpx.Response:
        playlist = await viewer.playlist()
        assert playlist.preload_hint is not None
        return await viewer.get(f"source/{playlist.preload_hint.uri}")

    answers: list[httpx.Response] = []
    while not any(answer.status_code == 200 for answer in answers):  # an early keyframe makes a hint wrong
        answers.append(await hinted())

    assert answers[-1].content[4:8] == b"moof"
    assert answers[-1].headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answers[-1].headers["content-type"] == "video/mp4"


@pytest.mark.usefixtures("packager")
async def test_answers_have_cache_and_cors_headers(ingest: Ingest, ada: Owner, viewer: Viewer) -> None:
    ingest.publish(ada.stream_key)
    playlist = await viewer.until_segments(1)

    number = numbers(playlist)[0]
    waited = await viewer.get(f"source/index.m3u8?_HLS_msn={number}&_HLS_part=0")
    plain = await viewer.get("source/index.m3u8", **{"accept-encoding": "identity"})
    segment = await viewer.get(f"source/{number}.m4s")
    missing = await viewer.get("source/1.m4s")
    assert waited.headers["cache-control"] == "public, max-age=6"
    assert waited.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert plain.text.startswith("#EXTM3U")
    assert plain.headers["cache-control"] == "public, max-age=1"
    assert segment.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "public, max-age=1")
    for answer in (waited, plain, segment, missing):
        assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.usefixtures("packager")
async def test_a_returning_publisher_continues_the_same_playlist(ingest: Ingest, ada: Owner, viewer: Viewer) -> None:
    first = ingest.publish(ada.stream_key)
    before = numbers(await viewer.until_segments(2))
    first.kill()
    ingest.publish(ada.stream_key)

    playlist = await viewer.until_segments(2, after=before[-1] + 1)

    assert set(before) < set(numbers(playlist))
    assert [segment.discontinuity for segment in playlist.segments].count(True) == 1


@pytest.mark.usefixtures("packager")
async def test_no_frame_is_lost_at_the_start_or_when_the_publisher_returns(
    ingest: Ingest, ada: Owner, viewer: Viewer, tmp_path: Path
) -> None:
    long_groups = ("-g", "120", "-keyint_min", "120", "-t", "6")
    await asyncio.to_thread(ingest.publish(ada.stream_key, *long_groups).wait_until_ended)
    first = await viewer.until_segments(2)
    streams = probe(await whole(viewer, first), tmp_path / "whole.mp4")
    await asyncio.to_thread(ingest.publish(ada.stream_key, *long_groups).wait_until_ended)
    both = await viewer.until_segments(2, after=numbers(first)[-1])

    assert int(streams["video"]["nb_read_frames"]) == 6 * FRAMES_PER_SECOND
    assert sum(segment.duration or 0 for segment in both.segments if segment.uri) == pytest.approx(12, abs=0.2)


async def test_a_killed_packager_continues_with_higher_numbers_while_plain_hls_plays(
    ingest: Ingest, ada: Owner, viewer: Viewer
) -> None:
    async with ingest.web():
        async with open_packager(_without_ladder(ingest)):
            encoder = ingest.publish(ada.stream_key)
            before = numbers(await viewer.until_segments(1))
        assert (await viewer.get("source/index.m3u8")).status_code == 502
        await ingest.until_video(ada, newer_than=await ingest.playlist(ada))

        async with open_packager(_without_ladder(ingest)):
            playlist = await viewer.until_segments(1, after=before[-1])

    assert encoder.exit_code is None
    assert min(numbers(playlist)) > max(before)


async def test_a_refused_publisher_is_not_packaged(
    ingest: Ingest, ada: Owner, viewer: Viewer, packager: Packager
) -> None:
    await ingest.refused(ingest.publish(f"{ada.channel.channel_id}?key=wrong"))

    assert packager.channel(ada.channel.channel_id) is None
    assert (await viewer.get("source/index.m3u8")).status_code == 404


async def test_players_are_redirected_to_plain_hls_while_there_is_no_low_latency(
    ingest: Ingest, ada: Owner, viewer: Viewer
) -> None:
    plain = f"/hls/{ada.channel.channel_id}/index.m3u8"
    without_packager = await viewer.get("index.m3u8")
    async with ingest.web(), open_packager(_without_ladder(ingest)):
        before = await viewer.get("index.m3u8")
        ingest.publish(ada.stream_key)
        await viewer.until_segments(1)

        during = await viewer.get("index.m3u8")

    for answer in (without_packager, before):
        assert (answer.status_code, answer.headers["location"]) == (302, plain)
        assert answer.headers["cache-control"] == "max-age=0, s-maxage=1"
        assert answer.headers["access-control-allow-origin"] == "*"
    assert during.status_code == 200


@pytest.mark.usefixtures("packager")
async def test_a_stream_with_a_pasted_key_is_packaged(ingest: Ingest, ada: Owner, viewer: Viewer) -> None:
    pasted = f"/{ada.channel.channel_id}%3Fkey%3D{ada.secret}"
    ingest.publish("", "-rtmp_playpath", pasted)

    playlist = await viewer.until_segments(1)

    assert playlist.segments
