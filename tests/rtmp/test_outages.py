"""Encoders, nginx and the web process stop and start. Streams survive short interruptions only."""

import asyncio

import pytest

from streaming_app.backend.errors import ForbiddenError
from streaming_app.backend.streams.model import Publisher, StreamState
from tests.rig.conditions import until, until_async
from tests.rig.nginx import nginx_processes
from tests.rig.ports import is_open
from tests.rig.serving import mute
from tests.rtmp.conftest import Ingest, Owner


@pytest.mark.parametrize("way", ["stop", "kill"])
async def test_a_publisher_that_reconnects_continues_the_stream(ingest: Ingest, ada: Owner, way: str) -> None:
    async with ingest.web():
        encoder = ingest.publish(ada.stream_key)
        await ingest.until_video(ada)
        stream_id = await ingest.stream_id(ada)
        before = await ingest.playlist(ada)

        await asyncio.to_thread(encoder.stop if way == "stop" else encoder.kill)
        await ingest.until_state(ada, StreamState.RECONNECTING)
        ingest.publish(ada.stream_key)
        await ingest.until_state(ada, StreamState.LIVE)
        await ingest.until_video(ada, newer_than=before)
        after = await ingest.playlist(ada)

    assert await ingest.stream_id(ada) == stream_id
    assert before.splitlines()[-1] in after, "what a viewer was watching is still there"
    assert "#EXT-X-DISCONTINUITY" in after.partition(before.splitlines()[-1])[2]


async def test_a_publisher_that_does_not_return_ends_the_stream(ingest: Ingest, ada: Owner) -> None:
    async with ingest.web():
        encoder = ingest.publish(ada.stream_key)
        await ingest.until_state(ada, StreamState.LIVE)
        stream_id = await ingest.stream_id(ada)

        await asyncio.to_thread(encoder.stop)
        await ingest.until_state(ada, StreamState.RECONNECTING)
        await ingest.until_state(ada, StreamState.OFFLINE)
        ingest.publish(ada.stream_key)
        await ingest.until_state(ada, StreamState.LIVE)

    assert await ingest.stream_id(ada) != stream_id


async def test_ending_the_stream_disconnects_the_encoder_and_refuses_it_for_a_time(ingest: Ingest, ada: Owner) -> None:
    async with ingest.web():
        encoder = ingest.publish(ada.stream_key)
        await ingest.until_state(ada, StreamState.LIVE)
        await _shown(ingest, ada)

        await ingest.backend.streams.end(ada.user_id)

        assert await ingest.state(ada) is StreamState.OFFLINE
        await ingest.refused(encoder)
        with pytest.raises(ForbiddenError, match="ended from the studio"):
            await ingest.backend.streams.start(ada.channel.channel_id, ada.secret, Publisher("9", "127.0.0.1", "OBS"))

        await _until_accepted(ingest, ada)


@pytest.mark.parametrize("part", ["master", "worker"])
async def test_a_stream_waits_for_its_publisher_when_nginx_is_killed(ingest: Ingest, ada: Owner, part: str) -> None:
    async with ingest.web():
        encoder = ingest.publish(ada.stream_key)
        await ingest.until_video(ada)
        stream_id = await ingest.stream_id(ada)

        nginx_processes(ingest.settings, "ingest")[part].kill()
        await ingest.until_state(ada, StreamState.RECONNECTING)
        await ingest.refused(encoder)
        await _until_nginx_answers(ingest)
        before = await ingest.playlist(ada)
        ingest.publish(ada.stream_key)

        await ingest.until_state(ada, StreamState.LIVE)
        await ingest.until_video(ada, newer_than=before)
    assert await ingest.stream_id(ada) == stream_id


async def test_a_publisher_that_returns_right_after_nginx_was_killed_is_accepted(ingest: Ingest, ada: Owner) -> None:
    async with ingest.web():
        ingest.publish(ada.stream_key)
        await ingest.until_state(ada, StreamState.LIVE)
        await _shown(ingest, ada)
        stream_id = await ingest.stream_id(ada)

        nginx_processes(ingest.settings, "ingest")["worker"].kill()
        await _until_nginx_answers(ingest)

        await _until_accepted(ingest, ada)
    assert await ingest.stream_id(ada) == stream_id


@pytest.mark.parametrize("is_mute", [False, True], ids=["gone", "mute"])
async def test_publishers_stay_connected_without_the_web_process_and_new_ones_are_refused(
    ingest: Ingest, ada: Owner, bob: Owner, *, is_mute: bool
) -> None:
    async with ingest.web():
        encoder = ingest.publish(ada.stream_key)
        await ingest.until_video(ada)
        stream_id = await ingest.stream_id(ada)
    nginx = nginx_processes(ingest.settings, "ingest")

    if is_mute:
        async with mute(ingest.settings.web_port):
            await _outage(ingest, ada, bob, segments=8)
    else:
        await _outage(ingest, ada, bob, segments=4)

    async with ingest.web():
        before = await ingest.playlist(ada)
        ingest.publish(bob.stream_key)
        await ingest.until_state(bob, StreamState.LIVE)
        await ingest.until_video(ada, newer_than=before)
    assert encoder.exit_code is None
    assert nginx_processes(ingest.settings, "ingest") == nginx, "no part of nginx was replaced"
    assert await ingest.stream_id(ada) == stream_id
    assert await ingest.state(ada) is StreamState.LIVE


async def _outage(ingest: Ingest, running: Owner, refused: Owner, *, segments: int) -> None:
    """Wait for a number of segments, so that an on_update callback fails, because the web process is stopped.

    Meanwhile, another publisher is refused.
    """
    first = await ingest.playlist(running)
    await ingest.refused(ingest.publish(refused.stream_key))
    await ingest.until_video(running, newer_than=first, count=segments)
    assert await ingest.state(refused) is StreamState.OFFLINE


async def _shown(ingest: Ingest, owner: Owner) -> None:
    async def is_shown() -> bool:
        return owner.channel.channel_id in await ingest.shown()

    await until_async(is_shown, "nginx showed the publisher")


async def _until_accepted(ingest: Ingest, owner: Owner) -> None:
    """Publish repeatedly, as refused encoders do, until the publisher is accepted."""
    encoder = ingest.publish(owner.stream_key)

    async def is_in() -> bool:
        nonlocal encoder
        if encoder.exit_code is not None:
            encoder = ingest.publish(owner.stream_key)
        return await ingest.state(owner) is StreamState.LIVE and owner.channel.channel_id in await ingest.shown()

    await until_async(is_in, f"{owner.channel.name} was let in")


async def _until_nginx_answers(ingest: Ingest) -> None:
    await until(lambda: is_open(ingest.settings.rtmp_port), "nginx took publishers again")
