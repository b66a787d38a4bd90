from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.bootstrap import now
from streaming_app.backend.errors import StoreUnavailableError
from streaming_app.backend.feed.limits import Intervals
from streaming_app.backend.feed.live_stream_cache import LiveStreamCache
from streaming_app.backend.media.recordings.model import Recording
from streaming_app.backend.streams.model import Publisher
from streaming_app.backend.streams.summary import StreamSummary, live_digest, summarize
from tests.feed.conftest import NewSite, Site, open_site
from tests.rig.feed_client import FeedClient, connected

ONLY_EVENTS = Intervals(tick=0.05, refresh=3600)


@dataclass(frozen=True)
class Streamer:
    """A user who starts and ends a stream."""

    site: Site
    user_id: str
    channel_id: str

    async def publishes(self, client_id: str = "1") -> None:
        key = await self.site.backend.channels.stream_key(self.user_id)
        await self.site.backend.streams.start(self.channel_id, key.partition("=")[2], Publisher(client_id, "", ""))

    async def drops(self, client_id: str = "1") -> None:
        await self.site.backend.streams.publisher_gone(self.channel_id, client_id)

    async def ends(self) -> None:
        await self.site.backend.streams.end(self.user_id)


@pytest.fixture
async def streamer(site: Site) -> Streamer:
    user = await site.backend.accounts.register(Registration("Ada", "ada@example.com", "correct horse"), "192.0.2.1")
    return Streamer(site, user.user_id, (await site.backend.channels.get_or_create(user)).channel_id)


@pytest.fixture
async def viewer(site: Site, streamer: Streamer) -> AsyncIterator[FeedClient]:
    async with connected(site.port, f"/feed/{streamer.channel_id}") as viewer:
        yield viewer


@pytest.fixture
async def visitor(site: Site) -> AsyncIterator[FeedClient]:
    async with connected(site.port, "/feed/") as visitor:
        yield visitor


async def test_viewers_receive_all_states_of_a_stream(streamer: Streamer, viewer: FeedClient) -> None:
    await streamer.publishes("1")
    await viewer.until(lambda: states(viewer) == ["live"])
    await streamer.drops("1")
    await viewer.until(lambda: states(viewer) == ["live", "reconnecting"])
    await streamer.publishes("2")
    await viewer.until(lambda: states(viewer) == ["live", "reconnecting", "live"])
    await streamer.ends()
    await viewer.until(lambda: states(viewer) == ["live", "reconnecting", "live", "offline"])


async def test_a_new_viewer_receives_the_state_of_the_stream(streamer: Streamer, visitor: FeedClient) -> None:
    await streamer.publishes()
    await visitor.until(lambda: visitor.of_type("catalog"))

    async with connected(streamer.site.port, f"/feed/{streamer.channel_id}") as viewer:
        assert viewer.welcome["channel"]["state"] == "live"


async def test_stream_states_are_sent_to_their_channel_only(streamer: Streamer, viewer: FeedClient) -> None:
    other = await streamer.site.new_channel("Grace")
    async with connected(streamer.site.port, f"/feed/{other}") as elsewhere:
        await streamer.publishes()
        await viewer.until(lambda: states(viewer) == ["live"])
        await streamer.site.say(other, "quiet here")
        await elsewhere.until(lambda: elsewhere.messages)

    assert states(elsewhere) == []


async def test_the_catalog_changes_when_streams_start_and_end(streamer: Streamer, visitor: FeedClient) -> None:
    await streamer.publishes()
    await visitor.until(lambda: len(visitor.of_type("catalog")) == 1)
    await streamer.ends()
    await visitor.until(lambda: len(visitor.of_type("catalog")) == 2)


async def test_a_new_title_reaches_the_watch_page_and_the_catalog(
    streamer: Streamer, viewer: FeedClient, visitor: FeedClient
) -> None:
    await streamer.publishes()
    await visitor.until(lambda: len(visitor.of_type("catalog")) == 1)

    await streamer.site.backend.channels.set_title_and_category(streamer.user_id, "Now with a title", "Music")

    await viewer.until(lambda: states(viewer) == ["live", "live"])
    await visitor.until(lambda: len(visitor.of_type("catalog")) == 2)


async def test_events_alone_update_the_stream_state(streamer: Streamer, new_site: NewSite) -> None:
    site = await new_site(ONLY_EVENTS)
    async with connected(site.port, f"/feed/{streamer.channel_id}") as viewer:
        await streamer.publishes()
        await viewer.until(lambda: states(viewer) == ["live"])


async def test_a_process_without_events_reads_the_state_from_the_store(streamer: Streamer) -> None:
    deaf = replace(streamer.site.backend, bus=LocalBus(now))
    async with (
        open_site(deaf) as site,
        connected(site.port, f"/feed/{streamer.channel_id}") as viewer,
        connected(site.port, "/feed/") as visitor,
    ):
        await streamer.publishes()
        await viewer.until(lambda: states(viewer) == ["live"])
        await visitor.until(lambda: visitor.of_type("catalog"))


async def test_a_state_frame_has_everything_that_a_page_shows_of_the_stream(
    streamer: Streamer, viewer: FeedClient
) -> None:
    await streamer.publishes()
    await streamer.site.backend.channels.set_title_and_category(streamer.user_id, "Now with a title", "Music")
    await viewer.until(lambda: states(viewer) == ["live", "live"])
    stream = await streamer.site.backend.streams.latest(streamer.channel_id)

    stream_frame = viewer.of_type("stream")[-1]

    assert stream_frame == {
        "type": "stream",
        "state": "live",
        "stream_id": stream.stream_id,
        "title": "Now with a title",
        "category": "Music",
        "started_at": stream.started_at.isoformat(timespec="milliseconds"),
        "ended_at": "",
        "low_latency": f"/ll/{streamer.channel_id}/index.m3u8",
        "realtime": "",
        "preview": f"/thumbnails/{streamer.channel_id}-{stream.stream_id}.jpg",
        "recording_id": "",
    }


async def test_a_live_stream_that_changes_to_real_time_is_announced(streamer: Streamer, viewer: FeedClient) -> None:
    await streamer.publishes()
    await viewer.until(lambda: states(viewer) == ["live"])

    await streamer.site.backend.channels.set_latency(streamer.user_id, "realtime")
    await viewer.until(lambda: states(viewer) == ["live", "live"])

    assert viewer.of_type("stream")[-1]["realtime"] == f"/rt/{streamer.channel_id}/source"


async def test_the_end_frame_has_the_end_time_and_the_recording(streamer: Streamer, viewer: FeedClient) -> None:
    backend = streamer.site.backend
    await streamer.publishes()
    await viewer.until(lambda: states(viewer) == ["live"])
    stream = await backend.streams.latest(streamer.channel_id)
    await backend.store.recordings.add(
        Recording(stream.stream_id, streamer.channel_id, "Kept", "", stream.started_at, seconds=4.0)
    )

    await streamer.ends()
    await viewer.until(lambda: states(viewer) == ["live", "offline"])
    ended = await backend.streams.latest(streamer.channel_id)
    assert ended.ended_at is not None
    stream_frame = viewer.of_type("stream")[-1]

    assert stream_frame["ended_at"] == ended.ended_at.isoformat(timespec="milliseconds")
    assert (stream_frame["started_at"], stream_frame["recording_id"]) == ("", stream.stream_id)
    async with connected(streamer.site.port, f"/feed/{streamer.channel_id}") as later:
        about = later.welcome["channel"]
        assert (about["state"], about["ended_at"]) == ("offline", stream_frame["ended_at"])
        assert "title" not in about, "the channel may have got other words since"


async def test_an_end_is_sent_even_if_the_store_failed_at_the_first_read(streamer: Streamer) -> None:
    backend = streamer.site.backend
    failures = [StoreUnavailableError()]

    async def ended(channel_id: str) -> StreamSummary:
        if failures:
            raise failures.pop()
        return summarize(await backend.channels.get(channel_id), await backend.streams.latest(channel_id))

    board = LiveStreamCache(backend.streams.live, ended)
    await streamer.publishes()
    assert [summary.state for summary in await board.refresh()] == ["live"]
    await streamer.ends()
    with pytest.raises(StoreUnavailableError):
        await board.refresh()

    assert [summary.state for summary in await board.refresh()] == ["offline"]
    assert await board.refresh() == []


async def test_every_process_sends_the_same_catalog_digest(streamer: Streamer, new_site: NewSite) -> None:
    backend = streamer.site.backend
    elsewhere = await new_site()
    async with connected(streamer.site.port, "/feed/") as one, connected(elsewhere.port, "/feed/") as other:
        assert one.welcome["digest"] == other.welcome["digest"] == live_digest([])
        await streamer.publishes()
        await one.until(lambda: one.of_type("catalog"))
        await other.until(lambda: other.of_type("catalog"))

        digest = live_digest(await backend.streams.live())
        assert one.of_type("catalog")[-1]["digest"] == other.of_type("catalog")[-1]["digest"] == digest


async def test_a_refused_publisher_is_announced_without_details(streamer: Streamer, viewer: FeedClient) -> None:
    await streamer.site.backend.refused_publishers.record(
        streamer.channel_id, Publisher("9", "192.0.2.7", "OBS"), "Wrong key."
    )

    await viewer.until(lambda: viewer.of_type("studio"))
    assert viewer.of_type("studio") == [{"type": "studio"}]


def states(viewer: FeedClient) -> list[str]:
    """Return the stream states that the viewer has received since the welcome."""
    return [frame["state"] for frame in viewer.of_type("stream")]
