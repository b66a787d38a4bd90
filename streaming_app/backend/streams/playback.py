"""Where a channel's live video is: paths at the front door."""

from streaming_app.backend.streams.model import Channel, Latency


def plain_playlist(channel: Channel) -> str:
    """The multivariant playlist of plain HLS."""
    return f"/hls/{channel.channel_id}/index.m3u8"


def low_latency_playlist(channel: Channel) -> str:
    """The multivariant playlist of low-latency HLS; empty where the channel does without."""
    return "" if channel.latency is Latency.NORMAL else f"/ll/{channel.channel_id}/index.m3u8"
