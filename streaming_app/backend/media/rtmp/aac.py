"""Reads an AudioSpecificConfig (ISO 14496-3, 1.6.2.1)."""

from streaming_app.backend.media.rtmp.bit_reader import BitReader
from streaming_app.backend.media.rtmp.errors import IngestReadError
from streaming_app.backend.media.tracks import AudioTrack, Unsupported

SAMPLE_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
EXPLICIT_RATE = 15
CHANNELS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8, 11: 7, 12: 8, 14: 8}
"""Number of channels by channel configuration. 0, a custom layout, is not supported."""
AAC_LC = 2
SBR_TYPES = {5, 29}
"""HE-AAC and HE-AACv2: the object type proper follows."""
LONGER_TYPE = 31


def track_of(config: bytes) -> AudioTrack | Unsupported:
    """Return the track. Raises ``IngestReadError`` if the configuration is malformed."""
    bits = BitReader(config)
    object_type = _object_type(bits)
    sample_rate = _sample_rate(bits)
    channels = CHANNELS.get(bits.number(4))
    if object_type in SBR_TYPES:
        _sample_rate(bits)  # of the extension: frames are counted at the lower one
        object_type = _object_type(bits)
    if object_type != AAC_LC:
        return Unsupported("The encoder sends an unusual kind of AAC audio: set the audio codec to AAC-LC.", "audio")
    if channels is None:
        return Unsupported("The encoder sends audio with an unusual channel layout: set the audio to stereo.", "audio")
    samples_per_frame = 960 if bits.flag() else 1024
    return AudioTrack(config, sample_rate, channels, samples_per_frame)


def _object_type(bits: BitReader) -> int:
    object_type = bits.number(5)
    return 32 + bits.number(6) if object_type == LONGER_TYPE else object_type


def _sample_rate(bits: BitReader) -> int:
    index = bits.number(4)
    rate = bits.number(24) if index == EXPLICIT_RATE else dict(enumerate(SAMPLE_RATES)).get(index)
    if not rate:
        raise IngestReadError("The audio has an invalid sample rate.")
    return rate
