"""Converts the audio and video tags of FLV, classic and enhanced (E-RTMP), to tracks and frames."""

from collections.abc import Iterator

from streaming_app.backend.media.rtmp import amf
from streaming_app.backend.media.rtmp.aac import track_of
from streaming_app.backend.media.rtmp.chunks import MessageType, RtmpMessage
from streaming_app.backend.media.rtmp.errors import IngestReadError
from streaming_app.backend.media.rtmp.video_size import size_of
from streaming_app.backend.media.tracks import (
    AudioFrame,
    AudioTrack,
    Media,
    Unsupported,
    VideoCodec,
    VideoFrame,
    VideoTrack,
)

MAX_CONFIG_BYTES = 64 * 1024
ENHANCED_VIDEO = 0x80
KEYFRAME, COMMAND_FRAME = 1, 5
SEQUENCE_START, CODED_FRAMES = 0, 1
"""Packet types of H.264 and AAC in classic tags, and of all codecs in enhanced tags."""
CODED_FRAMES_X, MULTITRACK, MOD_EX = 3, 6, 7
"""Packet types of enhanced video only. A ``CODED_FRAMES_X`` packet has no composition time."""
ENHANCED_AUDIO, AAC = 9, 10
H264 = 7
AUDIO_MULTITRACK, AUDIO_MOD_EX = 5, 7
CODECS: dict[bytes, VideoCodec] = {b"avc1": "avc1", b"hvc1": "hvc1", b"av01": "av01"}
WITH_COMPOSITION_TIME = {"avc1", "hvc1"}
OTHER_VIDEO = {2: "Sorenson H.263", 3: "Screen Video", 4: "VP6", 5: "VP6", 6: "Screen Video 2"}
OTHER_AUDIO = {
    0: "PCM", 1: "ADPCM", 2: "MP3", 3: "PCM", 4: "Nellymoser", 5: "Nellymoser", 6: "Nellymoser",
    7: "G.711", 8: "G.711", 11: "Speex", 14: "MP3",
}  # fmt: skip
OTHER_VIDEO_FOURCCS = {b"vp08": "VP8", b"vp09": "VP9", b"vvc1": "VVC"}
OTHER_AUDIO_FOURCCS = {b"Opus": "Opus", b"fLaC": "FLAC", b"ac-3": "AC-3", b"ec-3": "E-AC-3", b".mp3": "MP3"}
HEVC_WITHOUT_ENHANCED = 12
WITHOUT_CONFIGURATION = (
    "The video came without its configuration: set the video codec to H.264 and start the stream again."
)
"""nginx-rtmp 1.2.2 stores the configuration of H.264, and of no other codec, for players that connect later."""
NOT_PASSED_ON: dict[float, str] = {
    int.from_bytes(fourcc, "big"): name for fourcc, name in {b"hvc1": "HEVC", b"av01": "AV1"}.items()
}
"""Video codecs that nginx-rtmp 1.2.2 was seen not to forward, by their id in the metadata: the FourCC as a number."""
CLOCK = 1 << 32


class FlvReader:
    """Reads the messages of one publisher.

    Skips frames that come before their codec configuration, because no player can decode them.
    """

    def __init__(self) -> None:
        self._dts_ms: int | None = None
        self._video: VideoTrack | None = None
        self._audio: AudioTrack | None = None
        self._unsupported: set[Unsupported] = set()
        """The reported problems that still exist."""

    def read(self, message: RtmpMessage) -> Iterator[Media]:
        """Return the media in an audio, video or data message. Raises ``IngestReadError``."""
        for media in self._medias(message):
            match media:
                case Unsupported():
                    if media in self._unsupported:
                        continue
                    self._unsupported.add(media)
                case VideoTrack():
                    self._forget_unsupported("video")
                case AudioTrack():
                    self._forget_unsupported("audio")
                case _:
                    pass
            yield media

    def _forget_unsupported(self, kind: str) -> None:
        self._unsupported = {media for media in self._unsupported if media.kind != kind}

    def _medias(self, message: RtmpMessage) -> Iterator[Media]:
        if message.type_id == MessageType.DATA:
            return _metadata(message.payload)
        dts_ms = self._unwrapped(message.timestamp)
        if message.type_id == MessageType.VIDEO:
            return self._video_tag(message.payload, dts_ms)
        return self._audio_tag(message.payload, dts_ms)

    def _unwrapped(self, timestamp: int) -> int:
        """Return the timestamp without the overflow after 49.7 days: the value closest to the previous timestamp."""
        if self._dts_ms is None:
            self._dts_ms = timestamp
        self._dts_ms += (timestamp - self._dts_ms + CLOCK // 2) % CLOCK - CLOCK // 2
        return self._dts_ms

    def _video_tag(self, tag: bytes, dts_ms: int) -> Iterator[Media]:
        if not tag:
            return
        frame_type, codec_id = tag[0] >> 4 & 7, tag[0] & 15
        if frame_type == COMMAND_FRAME:
            return
        is_key = frame_type == KEYFRAME
        if tag[0] & ENHANCED_VIDEO:
            yield from self._enhanced_video(tag, codec_id, dts_ms, is_key=is_key)
        elif codec_id == H264:
            _must_have(tag, 5)
            yield from self._video_packet("avc1", tag[1], tag[2:], dts_ms, is_key=is_key)
        elif codec_id == HEVC_WITHOUT_ENHANCED:
            yield Unsupported(
                "The encoder sends HEVC without Enhanced RTMP: turn that on, or set the video codec to H.264.", "video"
            )
        else:
            yield _unsupported_video(OTHER_VIDEO.get(codec_id))

    def _enhanced_video(self, tag: bytes, packet_type: int, dts_ms: int, *, is_key: bool) -> Iterator[Media]:
        if packet_type in {MULTITRACK, MOD_EX}:
            yield Unsupported("The encoder sends several video tracks at once: turn multitrack video off.", "extra")
            return
        _must_have(tag, 5)
        fourcc = bytes(tag[1:5])
        codec = CODECS.get(fourcc)
        if codec is None:
            yield _unsupported_video(OTHER_VIDEO_FOURCCS.get(fourcc))
        elif packet_type == CODED_FRAMES and codec in WITH_COMPOSITION_TIME:
            _must_have(tag, 8)
            yield from self._video_packet(codec, CODED_FRAMES, tag[5:], dts_ms, is_key=is_key)
        elif packet_type in {SEQUENCE_START, CODED_FRAMES, CODED_FRAMES_X}:
            kind = SEQUENCE_START if packet_type == SEQUENCE_START else CODED_FRAMES
            yield from self._video_packet(codec, kind, bytes(3) + tag[5:], dts_ms, is_key=is_key)

    def _video_packet(
        self, codec: VideoCodec, packet_type: int, timed: bytes, dts_ms: int, *, is_key: bool
    ) -> Iterator[Media]:
        """Read a video packet. The first three bytes of ``timed`` are the composition time in milliseconds."""
        data = timed[3:]
        if packet_type == SEQUENCE_START:
            yield from self._video_configuration(codec, data)
        elif packet_type == CODED_FRAMES and data:
            if self._video is not None and self._video.codec == codec:
                yield VideoFrame(dts_ms, int.from_bytes(timed[:3], "big", signed=True), is_key, data)
            elif is_key:
                yield Unsupported(WITHOUT_CONFIGURATION, "video")

    def _video_configuration(self, codec: VideoCodec, config: bytes) -> Iterator[VideoTrack]:
        if self._video is not None and (codec, config) == (self._video.codec, self._video.config):
            return
        if len(config) > MAX_CONFIG_BYTES:
            raise IngestReadError("The video's configuration is too large.")
        self._video = VideoTrack(codec, config, *size_of(codec, config))
        yield self._video

    def _audio_tag(self, tag: bytes, dts_ms: int) -> Iterator[Media]:
        if not tag:
            return
        sound_format, packet_type = tag[0] >> 4, tag[0] & 15
        if sound_format == ENHANCED_AUDIO:
            yield from self._enhanced_audio(tag, packet_type, dts_ms)
        elif sound_format == AAC:
            _must_have(tag, 2)
            yield from self._aac_packet(tag[1], tag[2:], dts_ms)
        else:
            yield _unsupported_audio(OTHER_AUDIO.get(sound_format))

    def _enhanced_audio(self, tag: bytes, packet_type: int, dts_ms: int) -> Iterator[Media]:
        if packet_type in {AUDIO_MULTITRACK, AUDIO_MOD_EX}:
            yield Unsupported("The encoder sends several audio tracks at once: set it to one track.", "extra")
            return
        _must_have(tag, 5)
        fourcc = bytes(tag[1:5])
        if fourcc == b"mp4a":
            yield from self._aac_packet(packet_type, tag[5:], dts_ms)
        else:
            yield _unsupported_audio(OTHER_AUDIO_FOURCCS.get(fourcc))

    def _aac_packet(self, packet_type: int, data: bytes, dts_ms: int) -> Iterator[Media]:
        if packet_type == SEQUENCE_START:
            yield from self._audio_configuration(data)
        elif packet_type == CODED_FRAMES and data and self._audio is not None:
            yield AudioFrame(dts_ms, data)

    def _audio_configuration(self, config: bytes) -> Iterator[AudioTrack | Unsupported]:
        if self._audio is not None and config == self._audio.config:
            return
        if len(config) > MAX_CONFIG_BYTES:
            raise IngestReadError("The audio's configuration is too large.")
        track = track_of(config)
        self._audio = track if isinstance(track, AudioTrack) else None
        yield track


def _metadata(payload: bytes) -> Iterator[Unsupported]:
    """Report a video codec that nginx-rtmp does not forward. Of such video only the metadata arrives."""
    match amf.decode(payload):
        case ["onMetaData", {"videocodecid": float(codec_id)}, *_]:
            name = NOT_PASSED_ON.get(codec_id)
            if name is not None:
                yield Unsupported(f"nginx-rtmp does not pass {name} video on: set the video codec to H.264.", "video")
        case _:
            pass


def _must_have(tag: bytes, size: int) -> None:
    if len(tag) < size:
        raise IngestReadError(f"An FLV tag of {len(tag)} bytes is truncated.")


def _unsupported_video(name: str | None) -> Unsupported:
    return Unsupported(
        f"The encoder sends {name or 'an unknown kind of'} video: set the video codec to H.264.", "video"
    )


def _unsupported_audio(name: str | None) -> Unsupported:
    return Unsupported(f"The encoder sends {name or 'an unknown kind of'} audio: set the audio codec to AAC.", "audio")
