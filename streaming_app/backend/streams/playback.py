"""Where a channel's live video is: paths at the front door, and of its pictures."""

from streaming_app.backend.streams.model import Channel, Latency, Stream


def plain_playlist(channel: Channel) -> str:
    """The multivariant playlist of plain HLS."""
    return f"/hls/{channel.channel_id}/index.m3u8"


def low_latency_playlist(channel: Channel) -> str:
    """The multivariant playlist of low-latency HLS; empty where the channel does without."""
    return "" if channel.latency is Latency.NORMAL else f"/ll/{channel.channel_id}/index.m3u8"


def preview_path(stream: Stream) -> str:
    """The newest picture of this very stream; there is none in its first moments."""
    return f"/thumbnails/{preview_file_name(stream)}"


def preview_file_name(stream: Stream) -> str:
    """The picture's file name."""
    return f"{stream.channel_id}-{stream.stream_id}.jpg"
