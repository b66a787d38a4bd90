"""URL paths of a channel's live video and preview pictures."""

from streaming_app.backend.streams.model import Channel, Latency, Stream

CHANNELS = "/c/"
"""The first part of the path of every page of a channel; the slug follows."""
REALTIME = "/rt/"
"""The first part of the path of a real-time websocket; the channel's id and the name of a rendition follow."""


def channel_page(slug: str) -> str:
    """The page of the channel with this slug."""
    return CHANNELS + slug


def plain_playlist(channel: Channel) -> str:
    """Path of the multivariant playlist of plain HLS."""
    return f"/hls/{channel.channel_id}/index.m3u8"


def low_latency_playlist(channel: Channel) -> str:
    """Path of the multivariant playlist of low-latency HLS; empty if the channel uses plain HLS only."""
    return "" if channel.latency is Latency.NORMAL else f"/ll/{channel.channel_id}/index.m3u8"


def realtime_websocket(channel: Channel) -> str:
    """Path of the websocket with the frames that the encoder sends; empty if the channel does not use real time.

    nginx returns 404 on a site that cannot serve real time. Players then use low-latency HLS.
    """
    return f"{REALTIME}{channel.channel_id}/source" if channel.latency is Latency.REALTIME else ""


def live_video_paths(channel: Channel) -> list[str]:
    """Paths of the channel's live video that the player can use: plain HLS, low-latency HLS, real time."""
    paths = [plain_playlist(channel), low_latency_playlist(channel), realtime_websocket(channel)]
    return [path for path in paths if path]


def channel_picture(channel: Channel) -> str:
    """The newest picture of the channel's latest stream that has one."""
    return f"/thumbnails/{channel.channel_id}.jpg"


def preview_path(stream: Stream) -> str:
    """Path of the newest preview picture of this stream. In the first seconds of a stream it does not exist."""
    return f"/thumbnails/{preview_file_name(stream)}"


def preview_file_name(stream: Stream) -> str:
    """File name of the preview picture."""
    return f"{stream.channel_id}-{stream.stream_id}.jpg"
