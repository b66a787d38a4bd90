"""A picture of a stream, from the newest segment of its HLS."""

import asyncio
import contextlib
import os
from asyncio.subprocess import DEVNULL, PIPE
from datetime import datetime
from pathlib import Path

from streaming_app.backend.environment import plain_environment

WIDTH = 640
QUALITY = 5
"""Of the JPEG, on ffmpeg's scale from 2 (best) to 31."""
TIME_LIMIT_SECONDS = 10.0


class ThumbnailError(Exception):
    """No picture came out of it; the message says why."""


def newest_segment(hls_dir: Path, since: datetime) -> Path | None:
    """The last segment that the playlist lists, which is complete; ``None`` when it was begun before ``since``.

    nginx-rtmp names segments by when it begins them, in ms of Unix time. Those of an ended stream stay for a while.
    """
    try:
        playlist = (hls_dir / "index.m3u8").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    segments = [line.strip() for line in playlist.splitlines() if line.strip() and not line.startswith("#")]
    if not segments or int(Path(segments[-1]).stem) < since.timestamp() * 1000:
        return None
    return hls_dir / segments[-1]


def remove_pictures(folder: Path, channel_id: str) -> None:
    """Delete all pictures of the channel's streams."""
    for picture in (folder / f"{channel_id}.jpg", *folder.glob(f"{channel_id}-*.jpg")):
        picture.unlink(missing_ok=True)


def share_picture(picture: Path, channel_id: str) -> None:
    """Show the picture also under the channel's own name, for link previews: that address never changes."""
    unfinished = picture.with_name(f"{channel_id}.tmp")
    unfinished.unlink(missing_ok=True)
    os.link(picture, unfinished)
    unfinished.replace(picture.with_name(f"{channel_id}.jpg"))


async def make_thumbnail(segment: Path, target: Path) -> None:
    """Put the segment's first key frame into ``target`` as a JPEG, at once or not at all; raises ``ThumbnailError``."""
    unfinished = target.with_suffix(".tmp")
    await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
    # fmt: off
    command = [
        "nice", "-n", "19", "ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-threads", "1",
        "-protocol_whitelist", "file", "-skip_frame", "nokey", "-i", str(segment),
        "-an", "-frames:v", "1", "-vf", f"scale={WIDTH}:-2",
        "-q:v", str(QUALITY), "-f", "mjpeg", str(unfinished),
    ]
    # fmt: on
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, env=plain_environment()
    )
    try:
        async with asyncio.timeout(TIME_LIMIT_SECONDS):
            _, said = await process.communicate()
    except TimeoutError:
        message = f"ffmpeg took longer than {TIME_LIMIT_SECONDS:.0f} s"
        raise ThumbnailError(message) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    if process.returncode != 0 or not unfinished.exists() or not unfinished.stat().st_size:
        message = said.decode(errors="replace").strip().splitlines()[-1:] or [f"ffmpeg ended with {process.returncode}"]
        raise ThumbnailError(message[0])
    unfinished.replace(target)
