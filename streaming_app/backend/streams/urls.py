"""URL paths of a channel's live video and preview pictures."""

from streaming_app.backend.streams.model import Channel, Latency, Stream

CHANNELS = "/c/"
"""The first part of the path of every page of a channel; the slug follows."""


def channel_page(slug: str) -> str:
    """The page of the channel with this slug."""
    return CHANNELS + slug


def plain_playlist(channel: Channel) -> str:
    """Path of the multivariant playlist of plain HLS."""
    return f"/hls/{channel.channel_id}/index.m3u8"


def low_latency_playlist(channel: Channel) -> str:
    """Path of the multivariant playlist of low-latency HLS; empty if the channel uses plain HLS only."""
    return "" if channel.latency is Latency.NORMAL else f"/ll/{channel.channel_id}/index.m3u8"


def channel_picture(channel: Channel) -> str:
    """The newest picture of the channel's latest stream that has one."""
    return f"/thumbnails/{channel.channel_id}.jpg"


def preview_path(stream: Stream) -> str:
    """Path of the newest preview picture of this stream. In the first seconds of a stream it does not exist."""
    return f"/thumbnails/{preview_file_name(stream)}"


def preview_file_name(stream: Stream) -> str:
    """File name of the preview picture."""
    return f"{stream.channel_id}-{stream.stream_id}.jpg"
