"""Real encoders and a real nginx: which publishers are accepted or refused, and what viewers never see."""

import asyncio
import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from streaming_app.backend.adapters.nginx_conf import prefix_of
from streaming_app.backend.streams.model import StreamState
from tests.rig.conditions import until, until_async
from tests.rig.ffmpeg import recorded_flv
from tests.rig.nginx import stored_files
from tests.rig.ports import HOST
from tests.rig.rtmp_publisher import Tag, connected, tags_of
from tests.rtmp.conftest import Ingest, Owner


@pytest.fixture(scope="module")
def minute(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Tag]:
    """What an encoder sends in a minute."""
    return tags_of(recorded_flv(tmp_path_factory.mktemp("flv") / "minute.flv", seconds=60))


async def test_a_publisher_with_the_right_key_is_served_under_the_channel_id(ingest: Ingest, ada: Owner) -> None:
    async with ingest.web():
        ingest.publish(ada.stream_key)

        await ingest.until_state(ada, StreamState.LIVE)
        segments = await ingest.until_video(ada)
        segment = await ingest.browser.get(f"/hls/{ada.channel.channel_id}/{segments[0]}")

    assert segment.status_code == 200
    assert segment.content[0] == 0x47, "an MPEG transport stream begins with its sync byte"
    live = await ingest.backend.streams.live()
    assert [broadcast.channel.name for broadcast in live] == ["Ada"]
    assert live[0].stream.publisher.address == "127.0.0.1"
    assert "Lavf" in live[0].stream.publisher.software


async def test_wrong_keys_are_refused_and_create_no_files(ingest: Ingest, ada: Owner) -> None:
    async with ingest.web():
        for key in ("wrong", "", "wrong&key={secret}", "wrong&name={channel_id}&key={secret}"):
            tried = key.format(secret=ada.secret, channel_id=ada.channel.channel_id)
            await ingest.refused(ingest.publish(f"{ada.channel.channel_id}?key={tried}"), f"the key {key!r}")

            assert await ingest.state(ada) is StreamState.OFFLINE, key
            assert await ingest.playlist(ada) == "", key
            assert ada.channel.channel_id not in await ingest.shown(), key


async def test_keys_in_other_forms_are_refused(ingest: Ingest, ada: Owner) -> None:
    async with ingest.web():
        for form in ("{secret}", "{channel_id}", "{channel_id}/x?key={secret}", "nowhere?key={secret}"):
            name = form.format(secret=ada.secret, channel_id=ada.channel.channel_id)
            await ingest.refused(ingest.publish(name), f"the key in the form {form!r}")

            assert await ingest.state(ada) is StreamState.OFFLINE, form


@pytest.mark.parametrize(
    ("application", "name"),
    [
        ("live/", "{id}?key={secret}"),
        ("live", "{id}?key={secret} "),
        ("live", "{id}?key={secret}\n"),
        ("live", " {id}?key={secret}"),
        ("live", "/{id}?key={secret}"),
        ("live", "{id}%3Fkey%3D{secret}"),
        ("live?key={secret}", "{id}"),
        ("live", "live/{id}?key={secret}"),
        ("live", "rtmp://{host}/live/{id}?key={secret}"),
    ],
)
async def test_a_pasted_key_in_a_known_form_is_accepted(
    ingest: Ingest, ada: Owner, minute: Sequence[Tag], application: str, name: str
) -> None:
    words = {"id": ada.channel.channel_id, "secret": ada.secret, "host": HOST}
    port = ingest.settings.rtmp_port
    async with ingest.web(), connected(port, application=application.format(**words)) as encoder:
        encoder.publish(name.format(**words))
        assert await encoder.accepted()
        sending = asyncio.create_task(encoder.send(minute, burst_seconds=0))
        await ingest.until_video(ada)
        shown = await ingest.shown()
        written = stored_files(ingest.settings)
        sending.cancel()
        encoder.leave()
        await ingest.until_state(ada, StreamState.RECONNECTING)

    assert f"<name>{ada.channel.channel_id}</name>" in shown
    assert ada.secret not in shown + written


async def test_publishing_to_another_application_is_refused(ingest: Ingest, ada: Owner) -> None:
    async with ingest.web():
        for application in ("hls", "live2"):
            encoder = ingest.publish(ada.stream_key, application=application)
            await ingest.refused(encoder, f"the application {application}")

            assert await ingest.state(ada) is StreamState.OFFLINE, application


async def test_a_rotated_key_is_refused_and_the_new_one_accepted(ingest: Ingest, ada: Owner) -> None:
    new_key = await ingest.backend.channels.rotate_key(ada.user_id)
    async with ingest.web():
        await ingest.refused(ingest.publish(ada.stream_key))
        ingest.publish(new_key)

        await ingest.until_state(ada, StreamState.LIVE)


async def test_a_banned_owner_is_refused(ingest: Ingest, ada: Owner) -> None:
    await ingest.backend.store.users.set_banned(ada.user_id, banned=True)
    async with ingest.web():
        await ingest.refused(ingest.publish(ada.stream_key))

    assert await ingest.state(ada) is StreamState.OFFLINE


async def test_a_ban_disconnects_a_running_publisher(ingest: Ingest, ada: Owner) -> None:
    async with ingest.web():
        encoder = ingest.publish(ada.stream_key)
        await ingest.until_state(ada, StreamState.LIVE)

        await ingest.backend.store.users.set_banned(ada.user_id, banned=True)

        await ingest.refused(encoder)
        await ingest.until_state(ada, StreamState.OFFLINE)


async def test_a_second_publisher_is_refused_and_the_first_continues(ingest: Ingest, ada: Owner) -> None:
    async with ingest.web():
        first = ingest.publish(ada.stream_key)
        await ingest.until_video(ada)
        stream_id = await ingest.stream_id(ada)
        playlist = await ingest.playlist(ada)

        await ingest.refused(ingest.publish(ada.stream_key))

        await ingest.until_video(ada, newer_than=playlist)
    assert first.exit_code is None
    assert await ingest.stream_id(ada) == stream_id
    assert await ingest.state(ada) is StreamState.LIVE
    assert "DISCONTINUITY" not in (await ingest.playlist(ada)).partition(".ts")[2]


async def test_a_publisher_takes_over_from_a_frozen_one(ingest: Ingest, ada: Owner) -> None:
    async with ingest.web():
        first = ingest.publish(ada.stream_key)
        await ingest.until_video(ada)
        stream_id, playlist = await ingest.stream_id(ada), await ingest.playlist(ada)
        with first.frozen():
            second = ingest.publish(ada.stream_key)
            await ingest.until_video(ada, newer_than=playlist, count=4)

    assert second.exit_code is None
    assert await ingest.stream_id(ada) == stream_id
    assert await ingest.state(ada) is StreamState.LIVE


async def test_a_publisher_takes_over_from_one_with_a_stalled_connection(
    ingest: Ingest, ada: Owner, tmp_path: Path
) -> None:
    tags = tags_of(await asyncio.to_thread(recorded_flv, tmp_path / "hanging.flv", seconds=2))
    async with ingest.web(), connected(ingest.settings.rtmp_port) as hanging:
        hanging.publish(ada.stream_key)
        assert await hanging.accepted()
        await hanging.send(tags)
        hanging.begin_message(size=50_000)
        stream_id = await ingest.stream_id(ada)
        playlist = await ingest.playlist(ada)

        second = ingest.publish(ada.stream_key)

        async def has_new_video() -> bool:
            hanging.send_byte()
            return len(set((await ingest.playlist(ada)).splitlines()) - set(playlist.splitlines())) > 4

        await until_async(has_new_video, "the second publisher's video was there")

    assert second.exit_code is None
    assert await ingest.stream_id(ada) == stream_id


async def test_two_channels_can_be_live_at_once(ingest: Ingest, ada: Owner, bob: Owner) -> None:
    async with ingest.web():
        ingest.publish(ada.stream_key)
        ingest.publish(bob.stream_key)

        segments = await asyncio.gather(ingest.until_video(ada), ingest.until_video(bob))

    assert all(segments)
    assert {broadcast.channel.name for broadcast in await ingest.backend.streams.live()} == {"Ada", "Bob"}


@pytest.mark.parametrize(
    "more", ["&name={victim}", "&name={victim}&call=publish_done", "&clientid=1&addr=192.0.2.7&app=other"]
)
async def test_a_query_cannot_override_the_fields_of_nginx(ingest: Ingest, ada: Owner, bob: Owner, more: str) -> None:
    async with ingest.web():
        ingest.publish(ada.stream_key + more.format(victim=bob.channel.channel_id))

        await ingest.until_state(ada, StreamState.LIVE)

    assert await ingest.state(bob) is StreamState.OFFLINE
    stream = await ingest.backend.store.streams.latest(ada.channel.channel_id)
    assert stream.publisher.address == "127.0.0.1"
    assert stream.publisher.client_id in await ingest.shown()


async def _push_without_permission(ingest: Ingest, name: str, flv: bytes, software: str = "intruder") -> None:
    """Send the publish command and all of the video without waiting for an answer, until the server hangs up."""
    async with connected(ingest.settings.rtmp_port, software=software) as publisher:
        publisher.publish(name)
        with suppress(ConnectionError):
            await publisher.send(tags_of(flv))
        await publisher.until_closed()


@pytest.mark.parametrize("is_live", [False, True])
async def test_video_sent_with_a_wrong_key_is_never_served(
    ingest: Ingest, ada: Owner, tmp_path: Path, *, is_live: bool
) -> None:
    flv = await asyncio.to_thread(recorded_flv, tmp_path / "intruder.flv", seconds=6)
    async with ingest.web():
        if is_live:
            ingest.publish(ada.stream_key)
            await ingest.until_video(ada)
        before = await ingest.playlist(ada)

        name = f"{ada.channel.channel_id}?key=wrong"
        await _push_without_permission(ingest, name, flv)

        if is_live:
            await ingest.until_video(ada, newer_than=before)
        written = {file.name for file in (ingest.settings.data_dir / "hls").rglob("*.ts")}
        after = await ingest.playlist(ada)

    if is_live:
        unlisted = written - set(after.splitlines())
        assert unlisted <= {max(written)}, "only the segment that is being written is in no playlist"
        assert "DISCONTINUITY" not in after.partition(".ts")[2]
    else:
        assert (written, after) == (set(), "")


async def test_the_name_of_the_encoder_cannot_inject_fields(ingest: Ingest, ada: Owner, tmp_path: Path) -> None:
    flv = await asyncio.to_thread(recorded_flv, tmp_path / "intruder.flv", seconds=1)
    smuggled = f"x&name={ada.channel.channel_id}&key={ada.secret}&app=live"
    async with ingest.web():
        await _push_without_permission(ingest, "nowhere", flv, software=smuggled)

    assert await ingest.state(ada) is StreamState.OFFLINE


async def test_streams_cannot_be_played_over_rtmp_from_outside(ingest: Ingest, ada: Owner) -> None:
    conf = (prefix_of(ingest.settings, "ingest") / "nginx.conf").read_text()

    assert conf.count("deny play all;") == 2
    assert re.findall(r"allow play (\S+);", conf) == ["127.0.0.1", "::1"]


async def test_the_stream_key_is_in_no_log_path_or_report(
    ingest: Ingest, ada: Owner, bob: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    other_secret = "wrong-" + bob.secret
    async with ingest.web():
        encoder = ingest.publish(ada.stream_key)
        await ingest.until_video(ada)
        await ingest.refused(ingest.publish(ada.stream_key))
        await ingest.refused(ingest.publish(f"{bob.channel.channel_id}?key={other_secret}"))
        await ingest.refused(ingest.publish(bob.secret))
        shown = await ingest.shown()
        await asyncio.to_thread(encoder.stop)
        await ingest.until_state(ada, StreamState.RECONNECTING)
    await ingest.refused(ingest.publish(bob.stream_key))
    rtmp_log = prefix_of(ingest.settings, "ingest") / "logs" / "rtmp.log"
    await until(lambda: rtmp_log.stat().st_size > 0, "nginx had written its log")

    assert ada.channel.channel_id in shown
    for place in (shown, caplog.text, stored_files(ingest.settings)):
        assert ada.secret not in place
        assert bob.secret not in place
    assert HOST in rtmp_log.read_text()
