"""Reads the settings that the encoder x264 writes into its first keyframe (an SEI message with text)."""

import re

_SETTINGS_START = b"x264 - core "
_SEARCHED_BYTES = 2048
_SETTING = re.compile(rb"(\w+)=(\d{1,4})\b")


def held_frames(keyframe: bytes) -> int | None:
    """Return how many frames x264 collects before it sends the first of them, without those for B-frames.

    Returns ``None`` if the keyframe has no settings. x264 collects frames for its look-ahead, and one for each
    additional thread, unless each thread encodes a slice of the same frame.
    """
    start = keyframe.find(_SETTINGS_START, 0, _SEARCHED_BYTES)
    if start < 0:
        return None
    text = keyframe[start : start + _SEARCHED_BYTES].partition(b"\0")[0]
    settings = {name: int(value) for name, value in _SETTING.findall(text)}
    more_threads = 0 if settings.get(b"sliced_threads") else max(0, settings.get(b"threads", 1) - 1)
    return settings.get(b"rc_lookahead", 0) + more_threads
