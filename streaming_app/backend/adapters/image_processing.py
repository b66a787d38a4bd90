"""Decodes uploaded pictures with Pillow, within limits, and encodes them again."""

import asyncio
import struct
import warnings
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from streaming_app.backend.chat.model import Picture
from streaming_app.backend.errors import InvalidError

FORMATS = ("PNG", "GIF", "WEBP", "JPEG")
MOVING = frozenset({"PNG", "GIF", "WEBP"})
"""Formats whose additional pictures are animation frames. Additional pictures of a JPEG are other views."""
EMOTE_SIDE = 112
"""Maximum pixels of an emote's longer side: four times the height of a chat line."""
AVATAR_SIDE = 256
"""Pixels of an avatar's sides: twice the largest one on pages, for sharp screens."""
AVATAR_QUALITY = 85
WEBP = "image/webp"
EMOTE_MAX_BYTES = 256 * 1024
SIDE_MAX = 2_000
FRAMES_MAX = 120
PIXELS_MAX = 20_000_000
"""Maximum pixels of all frames together, for example 120 frames of 400 x 400. Decoding takes one or two seconds."""
FRAME_MS_DEFAULT = 100
FRAME_MS_MIN = 20
"""Minimum duration of a frame. Browsers slow down shorter frames."""
QUALITIES = (80, 60, 40)
"""WebP qualities for animations, tried in this order until the file is small enough."""

_UNREADABLE = (
    *(OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError, AttributeError, OverflowError),
    *(MemoryError, struct.error, zlib.error),
)
"""Exceptions that Pillow raises for broken files."""

# Pillow checks the memory that it allocates before the checks below, for example for a GIF with oversized frames.
Image.MAX_IMAGE_PIXELS = SIDE_MAX * SIDE_MAX
warnings.simplefilter("error", Image.DecompressionBombWarning)


class PillowPictures:
    """Converts pictures in a thread, one at a time, so that many uploads use one core at most."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)

    async def emote(self, upload: bytes) -> Picture:
        async with self._turn:
            return await asyncio.to_thread(_emote, upload)

    async def avatar(self, upload: bytes) -> tuple[str, bytes]:
        async with self._turn:
            return WEBP, await asyncio.to_thread(_avatar, upload)


def _emote(upload: bytes) -> Picture:
    with _refusing_bombs():
        with _opened(upload) as image:
            frames, durations = _frames(image)
        return _encoded(frames, durations)


def _avatar(upload: bytes) -> bytes:
    with _refusing_bombs(), _opened(upload) as image:
        if max(image.size) > SIDE_MAX:
            raise _too_large()
        try:
            square = ImageOps.fit(_upright(image), (AVATAR_SIDE, AVATAR_SIDE), Image.Resampling.LANCZOS)
        except _UNREADABLE:
            raise _damaged() from None
        square.info = {}
        return _webp(square, quality=AVATAR_QUALITY)


@contextmanager
def _refusing_bombs() -> Generator[None]:
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None


def _opened(upload: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(upload), formats=FORMATS)
    except UnidentifiedImageError:
        raise InvalidError("picture", "This file is not an image we can read. Use PNG, GIF, WebP or JPEG.") from None
    except _UNREADABLE:
        raise _damaged() from None


def _frames(image: Image.Image) -> tuple[list[Image.Image], list[int]]:
    """Return all frames, scaled and upright, and their durations in milliseconds. Raises ``InvalidError``."""
    frames: list[Image.Image] = []
    durations: list[int] = []
    pixels = 0
    try:
        while True:
            pixels += image.width * image.height
            if max(image.size) > SIDE_MAX:
                raise _too_large()
            if pixels > PIXELS_MAX or len(frames) == FRAMES_MAX:
                raise _too_long()
            frames.append(_shown(image))
            if frames[-1].size != frames[0].size:
                raise _damaged()
            durations.append(_milliseconds(image))
            if image.format not in MOVING or not _has_next(image):
                return frames, durations
    except _UNREADABLE:
        raise _damaged() from None


def _has_next(image: Image.Image) -> bool:
    try:
        image.seek(image.tell() + 1)
    except EOFError:
        return False
    return True


def _shown(image: Image.Image) -> Image.Image:
    """Return the picture upright, without metadata and scaled down to ``EMOTE_SIDE`` if it is larger."""
    upright = _upright(image)
    scale = min(1.0, EMOTE_SIDE / max(upright.size))
    size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
    shown = upright.resize(size, Image.Resampling.LANCZOS) if size != upright.size else upright
    shown.info = {}
    return shown


def _upright(image: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(image.convert("RGBA")) if image.format == "JPEG" else image.convert("RGBA")


def _milliseconds(image: Image.Image) -> int:
    duration = image.info.get("duration") or FRAME_MS_DEFAULT
    return max(FRAME_MS_MIN, int(duration))


def _encoded(frames: list[Image.Image], durations: list[int]) -> Picture:
    """Encode the frames as WebP. Raises ``InvalidError`` if the animation is too large.

    Every browser shows still and animated WebP, and its files are the smallest.
    """
    first, *others = frames
    if not others:
        content = _webp(first, lossless=True)
    else:
        moving = {"save_all": True, "append_images": others, "duration": durations, "loop": 0}
        attempts = (_webp(first, quality=quality, **moving) for quality in QUALITIES)
        content = next((attempt for attempt in attempts if len(attempt) <= EMOTE_MAX_BYTES), b"")
    if not content:
        raise InvalidError(
            "picture", f"This animation is too large even at {EMOTE_SIDE} pixels. Remove some of its frames."
        )
    return Picture(WEBP, *first.size, content)


def _webp(image: Image.Image, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "WEBP", **options)
    return buffer.getvalue()


def _damaged() -> InvalidError:
    return InvalidError("picture", "This image is damaged. Save it again.")


def _too_large() -> InvalidError:
    return InvalidError("picture", f"Images can be {SIDE_MAX:,} pixels wide and high at most. Make it smaller.")


def _too_long() -> InvalidError:
    return InvalidError(
        "picture",
        f"Animations can have {FRAMES_MAX} frames, and fewer when they are large. Make it shorter or smaller.",
    )
