"""Makes a preview picture of a stream from the newest keyframe in its HLS files."""

import asyncio
import contextlib
import os
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from streaming_app.backend.media.segment_names import FIRST_PART_NAME, INIT_FILE_NAME, init_file_name, part_file_name
from streaming_app.backend.subprocess_environment import plain_environment

WIDTH = 640
QUALITY = 5
"""Quality of the JPEG, on ffmpeg's scale from 2 (best) to 31."""
TIME_LIMIT_SECONDS = 30.0
"""Much longer than a picture takes: ffmpeg runs with the lowest priority, and a busy machine leaves it little time."""


class ThumbnailError(Exception):
    """The picture could not be made. The message contains the reason."""


@dataclass(frozen=True, slots=True)
class Keyframe:
    """Files that form a video when joined. The video begins with a keyframe."""

    files: tuple[Path, ...]
    unix_time: float
    """Start time (plain HLS) or write time (low latency) of the file with the keyframe."""


def newest_keyframes(low_latency_dir: Path, plain_dir: Path, since: datetime) -> list[Keyframe]:
    """Return the newest keyframe of the low-latency HLS and of the plain HLS, the newer keyframe first.

    Keyframes older than ``since`` are left out, because the files of an ended stream stay for a while.
    """
    found = (_in_low_latency(low_latency_dir), _in_plain(plain_dir))
    new_enough = [keyframe for keyframe in found if keyframe and keyframe.unix_time >= since.timestamp()]
    return sorted(new_enough, key=lambda keyframe: keyframe.unix_time, reverse=True)


def _in_low_latency(folder: Path) -> Keyframe | None:
    """Return the first part of the newest segment. The packager writes this part shortly after the segment begins."""
    names = _names(folder)
    parts = [int(found[1]) for name in names if (found := FIRST_PART_NAME.fullmatch(name))]
    number = max(parts, default=-1)
    inits = [int(found[1]) for name in names if (found := INIT_FILE_NAME.fullmatch(name))]
    init = max((init for init in inits if init <= number), default=None)
    if init is None:
        return None
    part = folder / part_file_name(number, 0)
    try:
        written_at = part.stat().st_mtime
    except FileNotFoundError:  # the packager has just deleted the part
        return None
    return Keyframe((folder / init_file_name(init), part), written_at)


def _names(folder: Path) -> list[str]:
    try:
        return [file.name for file in folder.iterdir()]
    except FileNotFoundError:
        return []


def _in_plain(folder: Path) -> Keyframe | None:
    """Return the last segment of the playlist. nginx-rtmp names a segment by its start time in Unix milliseconds."""
    try:
        playlist = (folder / "index.m3u8").read_text(encoding="utf-8")
    except OSError:
        return None
    segments = [line.strip() for line in playlist.splitlines() if line.strip() and not line.startswith("#")]
    if not segments:
        return None
    return Keyframe((folder / segments[-1],), int(Path(segments[-1]).stem) / 1000)


def remove_pictures(folder: Path, channel_id: str) -> None:
    """Delete all pictures of the channel's streams."""
    for picture in (folder / f"{channel_id}.jpg", *folder.glob(f"{channel_id}-*.jpg")):
        picture.unlink(missing_ok=True)


def share_picture(picture: Path, channel_id: str) -> None:
    """Publish the picture also under the channel's id. Link previews use this URL, because it never changes."""
    unfinished = picture.with_name(f"{channel_id}.tmp")
    unfinished.unlink(missing_ok=True)
    os.link(picture, unfinished)
    unfinished.replace(picture.with_name(f"{channel_id}.jpg"))


async def make_thumbnail(keyframe: Keyframe, target: Path) -> None:
    """Write the keyframe to ``target`` as a JPEG in one atomic step. Raises ``ThumbnailError``."""
    try:
        video = await asyncio.to_thread(_read, keyframe.files)
    except OSError as failed:
        message = f"{failed.filename}: {failed.strerror}"
        raise ThumbnailError(message) from failed
    # fmt: off
    command = [
        "nice", "-n", "19", "ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-threads", "1",
        "-protocol_whitelist", "pipe", "-skip_frame", "nokey", "-i", "pipe:0",
        "-an", "-frames:v", "1", "-vf", f"scale={WIDTH}:-2",
        "-q:v", str(QUALITY), "-f", "mjpeg", "pipe:1",
    ]
    # fmt: on
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=plain_environment()
    )
    try:
        async with asyncio.timeout(TIME_LIMIT_SECONDS):
            picture, said = await process.communicate(video)
    except TimeoutError:
        message = f"ffmpeg took longer than {TIME_LIMIT_SECONDS:.0f} s"
        raise ThumbnailError(message) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    if process.returncode != 0 or not picture:
        message = said.decode(errors="replace").strip().splitlines()[-1:] or [f"ffmpeg ended with {process.returncode}"]
        raise ThumbnailError(message[0])
    await asyncio.to_thread(_write, picture, target)


def _read(files: Sequence[Path]) -> bytes:
    return b"".join(file.read_bytes() for file in files)


def _write(picture: bytes, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".tmp")
    unfinished.write_bytes(picture)
    unfinished.replace(target)
