"""Picture files of every kind, valid and invalid."""

import struct
import zlib
from io import BytesIO

from PIL import Image

RED = (220, 30, 30, 255)
BLUE = (30, 30, 220, 255)
SECRET = b"59.3293 N, 18.0686 E"
"""Position in the metadata of a photograph."""

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'


def still(kind: str, width: int = 200, height: int = 100, **options: object) -> bytes:
    """Return a picture of one colour."""
    mode = "RGB" if kind == "JPEG" else "RGBA"
    return _saved(Image.new(mode, (width, height), RED[: len(mode)]), kind, **options)


def moving(kind: str, frames: int = 3, width: int = 64, height: int = 32, milliseconds: int = 80) -> bytes:
    """Return an animation that alternates between red and blue, with a small difference in each frame."""
    pictures = [Image.new("RGBA", (width, height), RED if n % 2 else BLUE) for n in range(frames)]
    for number, picture in enumerate(pictures):
        picture.putpixel((number % width, number // width % height), (0, 255, 0, 255))
    first, *others = pictures
    return _saved(first, kind, save_all=True, append_images=others, duration=milliseconds, loop=0)


def large_frames(count: int, side: int) -> bytes:
    """Return an animation that is a small file but has large frames."""
    first, *others = [Image.new("L", (side, side), number) for number in range(count)]
    return _saved(first, "GIF", save_all=True, append_images=others, duration=80)


def noise(frames: int, width: int, height: int) -> bytes:
    """Return an animation that compresses badly."""
    first, *others = [Image.effect_noise((width, height), 100 + n).convert("RGB") for n in range(frames)]
    return _saved(first, "WEBP", save_all=True, append_images=others, duration=50, quality=90)


def photograph() -> bytes:
    """Return a JPEG with a rotation flag and a position in its metadata."""
    upright = Image.new("RGB", (60, 120), (220, 30, 30))
    upright.paste((30, 30, 220), (0, 60, 60, 120))
    exif = Image.Exif()
    exif[0x0112] = 6  # must be rotated to the right for display
    exif[0x010E] = SECRET.decode()
    return _saved(upright.rotate(90, expand=True), "JPEG", exif=exif, quality=95)


def bomb(side: int = 20_000) -> bytes:
    """Return a small PNG that needs gigabytes of memory when it is decoded."""
    rows = zlib.compressobj(9)
    line = b"\0" * (side // 8 + 1)
    data = b"".join(rows.compress(line) for _ in range(side)) + rows.flush()
    return png(side, side, data, depth=1)


def png(width: int, height: int, data: bytes, depth: int = 8) -> bytes:
    """Return a grey PNG with this header and data, which need not match."""
    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
