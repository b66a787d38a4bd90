"""The message that tells a real-time viewer which renditions a channel has, and how far back the viewer can seek."""

import json
from collections.abc import Sequence

from streaming_app.backend.media.playlist import VariantStream


def rendition_choice(renditions: Sequence[VariantStream], window_seconds: int, window_max_seconds: int) -> bytes:
    """Return the message in JSON.

    ``renditions`` are those that can be watched now, best first. Bit rates are peaks, in bits per second; 0 while a
    bit rate is unknown. ``window_seconds`` is the length of the low-latency playlists now, which grows with the stream
    up to ``window_max_seconds``.
    """
    choice = {
        "renditions": [
            {"name": each.name, "width": each.width, "height": each.height, "bitrate": each.bits_per_second}
            for each in renditions
        ],
        "window": window_seconds,
        "window_max": window_max_seconds,
    }
    return json.dumps(choice).encode()
