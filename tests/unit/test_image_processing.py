"""Re-encoding of uploaded pictures, and refusal of invalid ones."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from streaming_app.backend.adapters.image_processing import (
    EMOTE_MAX_BYTES,
    EMOTE_SIDE,
    FRAMES_MAX,
    SIDE_MAX,
    PillowPictures,
)
from streaming_app.backend.chat.model import Picture
from streaming_app.backend.errors import InvalidError
from tests.rig import pictures
from tests.rig.pictures import large_frames, moving, noise, photograph, png, still


async def made(upload: bytes) -> Picture:
    """Return the emote of an upload. Checks its size and type."""
    picture = await PillowPictures().emote(upload)
    with shown(picture) as image:
        assert image.size == (picture.width, picture.height)
        assert picture.media_type == f"image/{(image.format or '').lower()}"
    assert len(picture.content) <= EMOTE_MAX_BYTES
    return picture


def shown(picture: Picture) -> Image.Image:
    return Image.open(BytesIO(picture.content))


async def refusal(upload: bytes) -> str:
    """Return the error of an upload."""
    with pytest.raises(InvalidError) as refused:
        await PillowPictures().emote(upload)
    assert set(refused.value.fields) == {"picture"}
    return refused.value.public_message


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    seen = image.getpixel((x, y))
    assert isinstance(seen, tuple)
    return seen


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "JPEG"])
async def test_every_supported_format_becomes_an_emote(kind: str) -> None:
    emote = await made(still(kind))

    assert (emote.width, emote.height) == (EMOTE_SIDE, EMOTE_SIDE // 2)
    with shown(emote) as image:
        red, green, blue, alpha = pixel(image.convert("RGBA"), 5, 5)
    assert (red > 200, green < 60, blue < 60, alpha) == (True, True, True, 255)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((28, 28), (28, 28)),
        ((112, 112), (112, 112)),
        ((113, 113), (112, 112)),
        ((40, 160), (28, 112)),
        ((1, 1), (1, 1)),
        ((2000, 1), (112, 1)),
        ((1, 2000), (1, 112)),
    ],
)
async def test_large_pictures_are_scaled_down_and_small_ones_are_not(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    emote = await made(still("PNG", *size))

    assert (emote.width, emote.height) == expected


async def test_transparency_is_kept() -> None:
    clear = Image.new("RGBA", (50, 50), (0, 0, 0, 0))
    clear.paste((0, 200, 0, 255), (0, 0, 25, 50))
    file = BytesIO()
    clear.save(file, "PNG")

    with shown(await made(file.getvalue())) as image:
        seen = image.convert("RGBA")

    assert pixel(seen, 5, 5) == (0, 200, 0, 255)
    assert pixel(seen, 40, 5)[3] == 0


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
async def test_an_animation_repeats_endlessly(kind: str) -> None:
    emote = await made(moving(kind, frames=5, milliseconds=80))

    with shown(emote) as image:
        assert getattr(image, "n_frames", 1) == 5
        assert image.info["loop"] == 0
        image.load()
        first, duration = image.convert("RGB").getpixel((30, 15)), image.info["duration"]
        image.seek(1)
        second = image.convert("RGB").getpixel((30, 15))
    assert duration == 80
    assert first != second


async def test_every_frame_of_an_animation_is_scaled_down() -> None:
    emote = await made(moving("GIF", frames=4, width=448, height=224))

    assert (emote.width, emote.height) == (112, 56)


async def test_metadata_of_a_photograph_is_removed_and_its_rotation_applied() -> None:
    emote = await made(photograph())

    assert pictures.SECRET not in emote.content
    assert b"EXIF" not in emote.content
    assert (emote.width, emote.height) == (56, 112)
    with shown(emote) as image:
        red, _, blue = pixel(image.convert("RGB"), 28, 20)
    assert red > blue, "its upper half is red"


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"hello, I am called picture.png",
        pictures.SVG,
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"%PDF-1.7",
        b"BM" + bytes(100),
    ],
)
async def test_a_file_that_is_not_a_picture_is_refused(upload: bytes) -> None:
    assert "Use PNG, GIF, WebP or JPEG." in await refusal(upload)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM"])
async def test_unsupported_formats_are_refused(kind: str) -> None:
    file = BytesIO()
    Image.new("RGB", (32, 32)).save(file, kind)

    assert "Use PNG, GIF, WebP or JPEG." in await refusal(file.getvalue())


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_a_truncated_picture_is_refused(kind: str) -> None:
    file = BytesIO()
    Image.effect_noise((300, 300), 80).save(file, kind)

    assert "damaged" in await refusal(file.getvalue()[: len(file.getvalue()) // 2])


@pytest.mark.parametrize(
    "upload",
    [
        pictures.bomb(),
        png(100_000, 100_000, b""),
        png(2**31 - 1, 2**31 - 1, b""),
        still("PNG", SIDE_MAX + 1, 1),
        still("WEBP", 1, SIDE_MAX + 1),
        still("JPEG", SIDE_MAX + 1, SIDE_MAX + 1),
        b"GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02L\x01\x00;",
    ],
    ids=["bomb", "huge", "hugest", "wide", "high", "large", "gif"],
)
async def test_a_picture_with_too_many_pixels_is_refused_before_decoding(upload: bytes) -> None:
    assert len(upload) < 1024 * 1024

    assert f"{SIDE_MAX:,} pixels wide and high at most" in await refusal(upload)


async def test_a_frame_larger_than_the_first_one_is_refused() -> None:
    file = bytearray(moving("GIF", frames=2, width=16, height=16))
    second = file.rindex(b",\x00\x00\x00\x00")
    file[second + 5 : second + 9] = b"\xff\xff\xff\xff"

    assert f"{SIDE_MAX:,} pixels" in await refusal(bytes(file))


async def test_frames_that_differ_in_size_are_refused() -> None:
    file = bytearray(moving("GIF", frames=2, width=16, height=16))
    second = file.rindex(b",\x00\x00\x00\x00")
    file[second + 5 : second + 7] = b"\x20\x00"

    assert "damaged" in await refusal(bytes(file))


async def test_an_animation_with_too_many_frames_is_refused() -> None:
    assert "Make it shorter or smaller." in await refusal(moving("GIF", frames=FRAMES_MAX + 1))
    await made(moving("GIF", frames=FRAMES_MAX))


async def test_large_frames_lower_the_limit_of_frames() -> None:
    assert "Make it shorter or smaller." in await refusal(large_frames(15, 1_900))


async def test_an_animation_that_is_still_too_large_is_refused() -> None:
    assert "too large even at 112 pixels" in await refusal(noise(frames=FRAMES_MAX, width=112, height=112))


FILES = [
    still("PNG", 20, 20),
    still("JPEG", 20, 20),
    still("WEBP", 20, 20),
    moving("GIF"),
    moving("PNG"),
    moving("WEBP"),
]


@given(file=st.sampled_from(FILES), at=st.floats(0, 1), broken=st.binary(min_size=1, max_size=8), cut=st.booleans())
@settings(max_examples=400)
@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's warnings about damaged pictures
async def test_a_damaged_picture_is_refused_or_repaired(file: bytes, at: float, broken: bytes, *, cut: bool) -> None:
    place = int(at * len(file))
    upload = file[:place] + broken + (b"" if cut else file[place + len(broken) :])

    try:
        await made(upload)
    except InvalidError as refused:
        assert set(refused.fields) == {"picture"}  # noqa: PT017 - either is fine
