"""Codec strings for playlists and players (RFC 6381)."""

from streaming_app.backend.media.tracks import AudioTrack, VideoTrack

LONGER_TYPE = 31
UNUSUAL_PIXEL_FORMATS = {110: "10-bit", 122: "4:2:2", 244: "4:4:4", 44: "4:4:4"}
"""Pixel formats other than 8-bit 4:2:0 that encoders offer, by ``profile_idc`` of H.264."""


def codec_string(track: VideoTrack | AudioTrack) -> str:
    """Return the codec string, such as ``avc1.64001F``, ``hvc1.1.6.L93.B0``, ``av01.0.08M.08`` or ``mp4a.40.2``.

    The track's configuration must be a complete record, as the readers check.
    """
    if isinstance(track, AudioTrack):
        return f"mp4a.40.{_object_type(track.config)}"
    name_of = {"avc1": _h264, "hvc1": _hevc, "av01": _av1}[track.codec]
    return f"{track.codec}.{name_of(track.config)}"


def unusual_pixel_format(track: VideoTrack) -> str:
    """Return a pixel format such as ``4:4:4`` that most phones, Firefox and Safari cannot play; empty for others."""
    return UNUSUAL_PIXEL_FORMATS.get(track.config[1], "") if track.codec == "avc1" and len(track.config) > 1 else ""


def _object_type(config: bytes) -> int:
    bits = int.from_bytes(config[:2], "big")
    object_type = bits >> 11
    return 32 + (bits >> 5 & 63) if object_type == LONGER_TYPE else object_type


def _h264(config: bytes) -> str:
    return config[1:4].hex().upper()


def _hevc(config: bytes) -> str:
    """Follow ISO 14496-15, annex E.3."""
    space = ("", "A", "B", "C")[config[1] >> 6]
    profile = config[1] & 31
    compatible = int(f"{int.from_bytes(config[2:6], 'big'):032b}"[::-1], 2)
    tier = "H" if config[1] & 32 else "L"
    constraints = [f"{byte:X}" for byte in config[6:12].rstrip(b"\0")]
    return ".".join([f"{space}{profile}", f"{compatible:X}", f"{tier}{config[12]}", *constraints])


def _av1(config: bytes) -> str:
    profile, level = config[1] >> 5, config[1] & 31
    tier = "H" if config[2] & 0x80 else "M"
    is_high, is_twelve = config[2] & 0x40, config[2] & 0x20
    depth = (12 if is_twelve else 10) if is_high else 8
    return f"{profile}.{level:02}{tier}.{depth:02}"
