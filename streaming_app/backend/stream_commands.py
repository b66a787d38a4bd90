"""The commands ``streams`` and ``recordings``: what operators see of them, and how they take them down."""

import argparse
from collections.abc import Callable
from datetime import timedelta

from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.bootstrap import Backend, now, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.media.recordings.service import LIST_MAX
from streaming_app.backend.streams.stream_blocks import LENGTHS

MB = 1_000_000
SHORTEST = next(iter(LENGTHS))


def add_stream_commands(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands to the command line. Each sets ``run``, which runs it."""
    streams = add_parser("streams", help="list live streams, end one, or allow its channel to stream again")
    actions = streams.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("list", help="list the live streams, newest first").set_defaults(run=_list_streams)
    end = actions.add_parser("end", help="end a stream, and refuse the channel's encoders for a while")
    end.add_argument("channel", help="the channel's name in its address, as in /c/NAME")
    end.add_argument("--reason", required=True, help="the streamer sees it")
    end.add_argument("--block", choices=LENGTHS, default=SHORTEST, help="for how long (default: %(default)s)")
    end.set_defaults(run=_end_stream)
    allow = actions.add_parser("allow", help="accept the channel's encoders again")
    allow.add_argument("channel", help="the channel's name in its address")
    allow.set_defaults(run=_allow_stream)

    recordings = add_parser("recordings", help="list the recordings of a channel, or remove one")
    actions = recordings.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list the newest recordings, also those that viewers do not find")
    listing.add_argument("channel", help="the channel's name in its address, as in /c/NAME")
    listing.set_defaults(run=_list_recordings)
    remove = actions.add_parser("remove", help="remove a recording and its files")
    remove.add_argument("recording", help="its id, which `recordings list` prints")
    remove.add_argument("--reason", default="", help="for the audit log")
    remove.set_defaults(run=_remove_recording)


async def _list_streams(settings: Settings, wanted: argparse.Namespace) -> None:  # noqa: ARG001 - has no arguments
    async with open_backend(settings) as backend:
        broadcasts = await backend.live_administration.live(OPERATOR_STAFF)
    for each in broadcasts:
        length = _duration(each.stream.duration(now()))
        print(
            f"{each.channel.slug}\t{each.stream.state}\t{length}\t{each.stream.publisher.address}\t{each.stream.title}"
        )
    if not broadcasts:
        print("Nobody is live.")


async def _end_stream(settings: Settings, wanted: argparse.Namespace) -> None:
    async with open_backend(settings) as backend:
        channel_id = await _id_of(backend, wanted.channel)
        channel = await backend.live_administration.cut_off(OPERATOR_STAFF, channel_id, wanted.reason, wanted.block)
    until = wanted.block if LENGTHS[wanted.block] is None else f"for {wanted.block}"
    print(f"{channel.name} is offline, and cannot stream {until}.")


async def _allow_stream(settings: Settings, wanted: argparse.Namespace) -> None:
    async with open_backend(settings) as backend:
        channel = await backend.live_administration.allow(OPERATOR_STAFF, await _id_of(backend, wanted.channel))
    print(f"{channel.name} can stream again.")


async def _list_recordings(settings: Settings, wanted: argparse.Namespace) -> None:
    async with open_backend(settings) as backend:
        recordings = await backend.recordings.all_of(OPERATOR_STAFF, await _id_of(backend, wanted.channel))
    for each in recordings:
        length = _duration(timedelta(seconds=each.seconds))
        print(
            f"{each.recording_id}\t{each.started_at:%Y-%m-%d %H:%M} UTC\t{length}\t{each.size // MB} MB\t{each.title}"
        )
    if not recordings:
        print("This channel has no recordings.")
    if len(recordings) == LIST_MAX:
        print(f"Older ones than these {LIST_MAX} are not listed.")


async def _remove_recording(settings: Settings, wanted: argparse.Namespace) -> None:
    async with open_backend(settings) as backend:
        removed = await backend.recordings.take_down(OPERATOR_STAFF, wanted.recording, wanted.reason)
    print(f"The recording {removed.title!r} is removed. Its files are deleted within a minute while the site runs.")
    print("Backups that were made before still contain it.")


async def _id_of(backend: Backend, slug: str) -> str:
    return (await backend.channels.by_slug(slug.lower())).channel_id


def _duration(length: timedelta) -> str:
    """Return a length as hours, minutes and seconds."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
