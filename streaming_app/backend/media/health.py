"""How well a publisher's stream arrives: measured second by second, and what to do about it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from streaming_app.backend.media.codecs import rare_colours
from streaming_app.backend.media.cutter import KEY_FRAME_WAIT_MS
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, Media, Unsupported, VideoFrame, VideoTrack

HISTORY_SECONDS = 300
"""How far back the plots go."""
RATE_SECONDS = 5
"""Rates that are said as one number are the mean of so many whole seconds."""
KEY_INTERVAL_GOOD_SECONDS = 2.2
"""Joining, changing quality and going back wait for a key frame; two seconds is what encoders call usual."""
LATE_SECONDS = 2.0
"""Frames that arrive so much later than the quickest did are stuck in the publisher's upload."""
BITRATE_HIGH_KBPS = 8_000
"""More than many viewers can receive."""
SOUND_AHEAD_SECONDS = 1.0
"""Sound that is further from the picture than this, ahead or behind, comes from a wrong clock."""
CUT_OFFS_MANY = 3
"""Connections that ended within ``HISTORY_SECONDS``: more than a streamer ends by hand."""
TIMESTAMP_LIMIT_MS = range((1 << 24) - 500, (1 << 24) + 5_000)
"""Where RTMP timestamps outgrow 24 bits, after 4 h 39 min. nginx-rtmp disconnects encoders that repeat the extended
timestamp in no continuation chunk."""

NO_KEY_FRAME = (
    f"No keyframe for {KEY_FRAME_WAIT_MS // 1000} s: set the encoder's keyframe interval to 2 s."
    " Until there is one, low latency and recording pause, and new viewers may see no picture."
)


@dataclass(frozen=True, slots=True)
class Second:
    """What arrived within one second."""

    at: int
    """Unix time of its beginning."""
    kbps: int
    frames: int
    """Of video."""


@dataclass(frozen=True, slots=True)
class RenditionStats:
    """A rendition that viewers can have."""

    rendition: str
    viewers: int
    """Players at its live edge, as far as they ask this server and no cache before it."""


@dataclass(frozen=True, slots=True)
class Health:
    """A stream as its streamer should see it. Zeros and empty words where there is nothing to say yet."""

    video_codec: str = ""
    width: int = 0
    height: int = 0
    frames_per_second: float = 0.0
    kbps: int = 0
    key_interval_seconds: float = 0.0
    """The longest of late."""
    has_b_frames: bool = False
    audio_codec: str = ""
    sample_rate: int = 0
    channels: int = 0
    late_seconds: float = 0.0
    """How much later frames arrive than the quickest did."""
    colour_format: str = ""
    """Of video, when most phones, Firefox and Safari cannot play it."""
    sound_ahead_seconds: float = 0.0
    """How far the sound's timestamps are ahead of the picture's; less than 0 behind. Viewers hear it in time."""
    leaves_sound_out: bool = False
    """Whether sound comes that cannot be put in time with the picture."""
    cut_offs: int = 0
    """Connections of the encoder that ended within the last five minutes."""
    was_cut_at_timestamp_limit: bool = False
    """Whether the last of them ended where timestamps outgrow 24 bits."""
    unsupported: tuple[Unsupported, ...] = ()
    """What comes and cannot be shown."""
    packaging_issue: str = ""
    """Why there is no low-latency video of it."""
    ladder_issue: str = ""
    """Why there are no smaller renditions of it, though there could be."""
    offers: tuple[RenditionStats, ...] = ()
    """The source first, then smaller and smaller."""
    history: tuple[Second, ...] = ()


class Meter:
    """Takes everything that arrives, with its Unix time on a clock that never steps."""

    def __init__(self) -> None:
        self._video: VideoTrack | None = None
        self._audio: AudioTrack | None = None
        self._unsupported: list[Unsupported] = []
        self._history: deque[Second] = deque(maxlen=HISTORY_SECONDS)
        self._second = 0
        self._bytes = 0
        self._frames = 0
        self._key_ms: int | None = None
        self._key_intervals: deque[float] = deque(maxlen=5)
        self._has_b_frames = False
        self._offset: float | None = None
        self._late_seconds = 0.0
        self._cut_off_at: deque[float] = deque(maxlen=100)
        self._was_cut_at_timestamp_limit = False

    def cut_off(self, last_ms: int, at: float) -> None:
        """The encoder's connection ended at the Unix time ``at``, after a frame with the timestamp ``last_ms``."""
        self._cut_off_at.append(at)
        self._was_cut_at_timestamp_limit = last_ms in TIMESTAMP_LIMIT_MS

    def restart(self) -> None:
        """Another publisher: its tracks, clock and key frames are its own; the history goes on."""
        self._video = self._audio = None
        self._unsupported.clear()
        self._key_ms = None
        self._key_intervals.clear()
        self._offset = None
        self._has_b_frames = False

    def take(self, media: Media, arrived_at: float) -> None:
        """Count one item."""
        match media:
            case VideoTrack():
                self._video = media
                self._forget_unsupported("video")
            case AudioTrack():
                self._audio = media
                self._forget_unsupported("audio")
            case Unsupported():
                self._note_unsupported(media)
            case VideoFrame():
                self._turn_to(int(arrived_at))
                self._bytes += len(media.data)
                self._frames += 1
                self._has_b_frames |= media.cts_ms > 0
                self._note_delay(arrived_at - media.dts_ms / 1000)
                if media.is_key:
                    self._note_key(media.dts_ms)
            case AudioFrame():
                self._turn_to(int(arrived_at))
                self._bytes += len(media.data)

    def health(self, now: float) -> Health:
        """As of now, without what only others know; seconds in which nothing arrived count."""
        self._turn_to(int(now))
        recent = list(self._history)[-RATE_SECONDS:]
        video, audio = self._video, self._audio
        return Health(
            video_codec=video.codec if video else "",
            width=video.width if video else 0,
            height=video.height if video else 0,
            frames_per_second=round(sum(s.frames for s in recent) / len(recent), 1) if recent else 0.0,
            kbps=round(sum(s.kbps for s in recent) / len(recent)) if recent else 0,
            key_interval_seconds=round(max(self._key_intervals, default=0.0), 1),
            has_b_frames=self._has_b_frames,
            audio_codec="aac" if audio else "",
            sample_rate=audio.sample_rate if audio else 0,
            channels=audio.channels if audio else 0,
            late_seconds=round(self._late_seconds, 1),
            colour_format=rare_colours(video) if video else "",
            cut_offs=sum(at > now - HISTORY_SECONDS for at in self._cut_off_at),
            was_cut_at_timestamp_limit=self._was_cut_at_timestamp_limit,
            unsupported=tuple(self._unsupported),
            history=tuple(self._history),
        )

    def _turn_to(self, second: int) -> None:
        """Close the seconds before this one."""
        if second <= self._second:
            return
        if self._second:
            self._history.append(Second(self._second, self._bytes * 8 // 1000, self._frames))
            empty_from = max(self._second + 1, second - HISTORY_SECONDS)
            self._history.extend(Second(at, 0, 0) for at in range(empty_from, second))
        self._second, self._bytes, self._frames = second, 0, 0

    def _note_unsupported(self, media: Unsupported) -> None:
        """Keep it until the publisher sends something usable in its place, or leaves."""
        self._forget_unsupported(media.kind)
        self._unsupported.append(media)
        if media.kind == "video":
            self._video = None
        elif media.kind == "audio":
            self._audio = None

    def _forget_unsupported(self, kind: str) -> None:
        if kind != "extra":
            self._unsupported = [media for media in self._unsupported if media.kind != kind]

    def _note_key(self, dts_ms: int) -> None:
        if self._key_ms is not None and dts_ms > self._key_ms:
            self._key_intervals.append((dts_ms - self._key_ms) / 1000)
        self._key_ms = dts_ms

    def _note_delay(self, offset: float) -> None:
        if self._offset is None or offset < self._offset:
            self._offset = offset
        self._late_seconds = offset - self._offset


def advice(health: Health) -> list[str]:
    """What the streamer should change, most important first; nothing when all is well."""
    words = [unsupported.reason for unsupported in health.unsupported]
    words += [words for words in (health.packaging_issue, health.ladder_issue) if words]
    words += _about_arrival(health)
    words += _about_tracks(health)
    if health.kbps > BITRATE_HIGH_KBPS:
        words.append(f"{health.kbps:,} kbit/s is more than many viewers can receive. 6,000 is plenty for 1080p.")
    if health.has_b_frames:
        words.append("B-frames add to the delay. Set them to 0, or tune the encoder for zero latency.")
    return words


def _about_arrival(health: Health) -> Iterator[str]:
    if health.was_cut_at_timestamp_limit:
        yield (
            "Your encoder was disconnected when its timestamps passed 4 h 39 min: it writes larger ones in a form that"
            " the server cannot read. Restart its stream before that."
        )
    elif health.cut_offs >= CUT_OFFS_MANY:
        yield (
            f"Your encoder's connection ended {health.cut_offs} times in five minutes. If you did not stop it,"
            " check its network, and turn off captions and other data tracks: the server disconnects an encoder whose"
            " data it cannot read."
        )
    if health.late_seconds > LATE_SECONDS:
        yield (
            f"Your stream arrives {health.late_seconds:.0f} s late: the upload can't keep up. Lower the encoder's"
            f" bitrate, which is about {health.kbps:,} kbit/s now."
        )
    if abs(health.sound_ahead_seconds) > SOUND_AHEAD_SECONDS:
        where = "ahead of" if health.sound_ahead_seconds > 0 else "behind"
        yield (
            f"The sound is {abs(health.sound_ahead_seconds):.0f} s {where} the picture. Low latency and the recording"
            " correct it, plain HLS cannot: check the encoder's clock and its audio sync offset."
        )
    if health.leaves_sound_out:
        yield "The sound cannot be played: its timestamps do not match the picture's. Restart the encoder."
    if health.key_interval_seconds > KEY_INTERVAL_GOOD_SECONDS:
        yield f"Set the keyframe interval to 2 s: yours is {health.key_interval_seconds:g} s."


def _about_tracks(health: Health) -> Iterator[str]:
    missing = {unsupported.kind for unsupported in health.unsupported}
    if health.history and not health.video_codec and "video" not in missing:
        yield "There is no video. Add a source to your scene."
    if health.history and not health.audio_codec and "audio" not in missing:
        yield "There is no sound. Check the encoder's audio track: it should be AAC."
    if health.video_codec in {"hvc1", "av01"}:
        yield "Not every browser plays this video format. H.264 reaches everyone."
    if health.colour_format:
        yield (
            f"Most phones, Firefox and Safari cannot play the colour format {health.colour_format}. In OBS, choose the"
            " color format NV12."
        )
