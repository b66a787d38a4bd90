"""Checks the recordings at the end: complete except at faults that may interrupt them, and without decode errors."""

import asyncio
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from itertools import pairwise

import httpx

from benchmarks.chaos.clock_steps import STEP_SECONDS
from benchmarks.chaos.population import Channel
from benchmarks.chaos.requests import answer_to
from streaming_app.backend.media.recordings.index_playlist import END, read_segments
from streaming_app.backend.media.window_snapshot import Segment
from tests.rig.conditions import until_async

GAP_SECONDS = 0.5
"""Longest time between two segments that is not a gap."""
END_SECONDS = 120.0
"""Maximum time until a recording has its end: longer than the grace period of a stream."""


@dataclass(frozen=True, slots=True)
class Interruption:
    """A period in which a recording may have gaps, in seconds of the Unix time."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class RecordingReport:
    """What was found in one recording."""

    recording_id: str
    seconds: float
    is_ended: bool
    gaps: list[tuple[float, float]]
    """Begin and end of the gaps outside of the interruptions, as Unix times."""
    errors: list[str]
    """The errors of the decoder."""

    @property
    def is_damaged(self) -> bool:
        """Return whether anything is wrong with the recording."""
        return bool(self.gaps or self.errors) or not (self.is_ended and self.seconds)


def gaps_of(segments: Sequence[Segment], allowed: Sequence[Interruption], began: float) -> list[tuple[float, float]]:
    """Return the gaps between the segments that are outside of the allowed interruptions.

    ``began`` is the time at which the run began; times that differ from it by hours are of a changed clock.
    """
    found: list[tuple[float, float]] = []
    for before, after in pairwise(segments):
        begin = _right_time((before.starts_at + timedelta(seconds=before.seconds)).timestamp(), began)
        end = _right_time(after.starts_at.timestamp(), began)
        if end - begin > GAP_SECONDS and not any(one.begin <= end and begin <= one.end for one in allowed):
            found.append((begin, end))
    return found


def _right_time(instant: float, began: float) -> float:
    """Return the instant without the steps of the clock. A run takes less than half of a step."""
    return instant - STEP_SECONDS * round((instant - began) / STEP_SECONDS)


async def reports_of(
    client: httpx.AsyncClient, channel: Channel, allowed: Sequence[Interruption], began: float
) -> list[RecordingReport]:
    """Wait until all recordings of the channel have ended, and check them."""
    path = f"/api/v1/channels/{channel.publishing.slug}/recordings"

    async def listed() -> list[dict[str, str]]:
        return (await answer_to(client, "GET", path)).json()["items"]

    async def have_ended() -> bool:
        found = await listed()
        return bool(found) and all(one["ended_at"] for one in found)

    with suppress(AssertionError):  # the report says it
        await until_async(have_ended, f"the recordings of {channel.publishing.slug} had ended", END_SECONDS)
    return [await _report(client, one["id"], one["playlist"], allowed, began) for one in await listed()]


async def _report(
    client: httpx.AsyncClient, recording_id: str, playlist: str, allowed: Sequence[Interruption], began: float
) -> RecordingReport:
    text = (await answer_to(client, "GET", playlist)).text
    segments = read_segments(text)
    errors: list[str] = []
    folder = playlist.rpartition("/")[0]
    for run in _runs(segments):
        files = [run[0].init_file, *(segment.name for segment in run)]
        answers = [await answer_to(client, "GET", f"{folder}/{file}") for file in files]
        errors += [f"{answer.url}: {answer.status_code}" for answer in answers if answer.status_code != HTTPStatus.OK]
        errors += await asyncio.to_thread(decode_errors, b"".join(answer.content for answer in answers))
    return RecordingReport(
        recording_id,
        round(sum(segment.seconds for segment in segments), 1),
        text.endswith(END),
        gaps_of(segments, allowed, began),
        errors,
    )


def decode_errors(video: bytes) -> list[str]:
    """Decode a video, and return the errors."""
    command = ["ffmpeg", "-v", "error", "-i", "pipe:0", "-f", "null", "-"]
    done = subprocess.run(command, input=video, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    lines = done.stderr.decode(errors="replace").splitlines()
    return lines or ([f"ffmpeg ended with {done.returncode}"] if done.returncode else [])


def _runs(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Return the segments, grouped so that each group decodes as one video."""
    runs: list[list[Segment]] = []
    for segment in segments:
        follows = runs and runs[-1][-1].number + 1 == segment.number and runs[-1][-1].init_file == segment.init_file
        if follows and not segment.is_discontinuity:
            runs[-1].append(segment)
        else:
            runs.append([segment])
    return runs
