"""The sound of real-time streams: AAC from a real encoder, played by a real browser under the policy of the pages."""

import base64
import math
import subprocess
from array import array
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from streaming_app.backend.content_security_policy import page_policy
from tests.conftest import NewContext
from tests.rig.ports import free_port
from tests.rig.serving import serving
from tests.rig.site import BUILD_FOLDER, Site
from tests.unit.test_javascript import NODE

FRAME_SAMPLES = 1024
ENCODER_DELAY_SAMPLES = 1024
"""How much later than its own time a sound is in the frames of ffmpeg's encoder."""
TONE_HZ = 440
TONE = f"0.4*sin(2*PI*{TONE_HZ}*t)"
BEEPS = "0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.05)"
"""A short beep at each full second."""
SYNC_SECONDS = 0.02
DAMAGED = b"\xff" * 200
Format = tuple[int, int, bytes]
"""Sample rate, number of channels, and AudioSpecificConfig."""
STEREO = (48_000, 2, b"\x11\x90")
FORMATS = [(44_100, 2, b"\x12\x10"), (22_050, 2, b"\x13\x90"), (48_000, 6, b"\x11\xb0")]
BUILD = """
const { build } = await import(process.argv[1]);
const [root, outDir] = process.argv.slice(2);
await build({ root, configFile: false, logLevel: "warn", build: { outDir, emptyOutDir: true } });
"""
Frame = tuple[float, bytes]
"""The time in seconds, and AAC."""
Step = tuple[float, float, float]
"""Seconds, the rate of the video, and the volume."""


class Played:
    """What the browser played of some frames."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.errors: list[str] = answer["errors"]
        self.is_running: bool = answer["isRunning"]
        self.underruns: int = answer["underruns"]
        self.ahead: float = answer["ahead"]
        self.sample_rate: int = answer["sampleRate"]
        self._marks = answer["marks"]
        self._end: float = answer["end"] or 0
        self._channels = [array("f", base64.b64decode(channel)) for channel in answer["channels"]]

    def samples(self, step: int, channel: int = 0) -> Sequence[float]:
        """Return the samples of a step, without its first 0.2 s."""
        begin = self._marks[step - 1]["context"] if step else 0
        return self._channels[channel][self._index(begin + 0.2) : self._index(self._marks[step]["context"])]

    def pitch(self, step: int) -> float:
        """Return the frequency of the tone in Hz."""
        rises = [
            index + before / (before - after)
            for index, (before, after) in enumerate(pairwise(self.samples(step)))
            if before < 0 <= after
        ]
        return (len(rises) - 1) / (rises[-1] - rises[0]) * self.sample_rate

    def is_smooth(self, step: int) -> bool:
        """Return whether neighbouring samples never differ much more than those of the tone."""
        steepest = 0.4 * 2 * math.pi * TONE_HZ / self.sample_rate
        return max(abs(after - before) for before, after in pairwise(self.samples(step))) < 1.3 * steepest

    def beeps(self, step: int) -> list[float]:
        """Return by how many seconds each beep of a step was late."""
        mark, samples = self._marks[step], self.samples(step, 1)
        loud = [index for index, sample in enumerate(samples) if abs(sample) > 0.1]
        starts = [at for before, at in pairwise([0, *loud]) if at - before > self.sample_rate / 4]
        times = [mark["media"] - (len(samples) - start) / self.sample_rate * mark["rate"] for start in starts]
        return [round(time) + ENCODER_DELAY_SAMPLES / self.sample_rate - time for time in times]

    def _index(self, context: float) -> int:
        return len(self._channels[0]) - round((self._end - context) * self.sample_rate)


def aac_frames(file: Path, audio_format: Format) -> list[Frame]:
    """Encode 8 s of the tone on the left and beeps on the right, and return the frames without ADTS headers."""
    sample_rate, channels, _ = audio_format
    sounds = "|".join([TONE, BEEPS, *["0"] * (channels - 2)])
    source = f"aevalsrc='{sounds}':sample_rate={sample_rate}:duration=8"
    command = ["ffmpeg", "-nostdin", "-y", "-v", "error", "-f", "lavfi", "-i", source, "-c:a", "aac", "-b:a", "128k"]
    subprocess.run([*command, "-f", "adts", str(file)], check=True)  # noqa: S603 - our own command
    content, frames = file.read_bytes(), list[Frame]()
    while content:
        size = int.from_bytes(content[3:6]) >> 5 & 0x1FFF
        frames.append((len(frames) * FRAME_SAMPLES / sample_rate, content[7:size]))
        content = content[size:]
    return frames


@pytest.fixture(scope="module")
def stereo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Frame, ...]:
    """The frames of ``aac_frames`` in the format ``STEREO``."""
    return tuple(aac_frames(tmp_path_factory.mktemp("stereo") / "sound.aac", STEREO))


@pytest.fixture(scope="module")
def built(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a page that uses ``AudioOutput``, built by the Vite of the site's pages."""
    assert site.answers()
    folder = tmp_path_factory.mktemp("sound-page") / "built"
    vite = BUILD_FOLDER / "node_modules/vite/dist/node/index.js"
    command = [NODE, "--input-type=module", "-e", BUILD, vite, Path(__file__).parent / "sound_page", folder]
    subprocess.run(command, check=True)  # noqa: S603 - our own command
    return folder


@pytest_asyncio.fixture(loop_scope="session")
async def page(built: Path, new_context: NewContext) -> AsyncIterator[Page]:
    """A page that uses ``AudioOutput``, with the policy of the site's pages."""
    policy, port = page_policy((built / "index.html").read_bytes()), free_port()
    files = Starlette(routes=[Mount("/", StaticFiles(directory=built, html=True))])

    async def with_policy(scope: Scope, receive: Receive, send: Send) -> None:
        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Content-Security-Policy"] = policy
            await send(message)

        await files(scope, receive, add)

    async with serving(with_policy, port):
        page = await (await new_context()).new_page()
        await page.goto(f"http://localhost:{port}")  # a secure context
        await page.wait_for_function("() => window.play")
        yield page


async def play(page: Page, frames: Sequence[Frame], steps: list[Step], audio_format: Format = STEREO) -> Played:
    """Play frames, which arrive unevenly, step by step."""
    sample_rate, channels, config = audio_format
    audio = {"codec": "mp4a.40.2", "sampleRate": sample_rate, "channels": channels, "config": [*config]}
    request = {
        "frames": [(time, base64.b64encode(frame).decode()) for time, frame in frames],
        "config": audio,
        "steps": [{"seconds": seconds, "rate": rate, "volume": volume} for seconds, rate, volume in steps],
    }
    return Played(await page.evaluate("(request) => play(request)", request))


async def test_sound_is_in_time_with_the_video(page: Page, stereo: tuple[Frame, ...]) -> None:
    played = await play(page, stereo, [(2.5, 1, 1), (2.5, 1.05, 1), (0.5, 0, 1), (0.5, 1, 0)])

    assert (played.errors, played.is_running, played.underruns) == ([], True, 0)
    for step in (0, 1):
        assert played.pitch(step) == pytest.approx(TONE_HZ, rel=0.003)
        assert played.is_smooth(step)
        assert len(played.beeps(step)) >= 2
        assert max(map(abs, played.beeps(step))) < SYNC_SECONDS
    assert not any(played.samples(2)), "sound was played while the video did not play"
    assert max(map(abs, played.samples(3))) < 0.001, "sound was played without volume"


@pytest.mark.parametrize("audio_format", FORMATS, ids=["44.1 kHz", "22.05 kHz", "5.1"])
async def test_other_formats_are_played(page: Page, tmp_path: Path, audio_format: Format) -> None:
    frames = aac_frames(tmp_path / "sound.aac", audio_format)

    played = await play(page, frames, [(2.5, 1, 1)], audio_format)

    assert (played.errors, played.sample_rate, played.underruns) == ([], audio_format[0], 0)
    assert played.pitch(0) == pytest.approx(TONE_HZ, rel=0.003)
    assert max(map(abs, played.beeps(0))) < SYNC_SECONDS


async def test_damaged_and_lost_frames_are_skipped(page: Page, stereo: tuple[Frame, ...]) -> None:
    frames = [*stereo]
    frames[60:62] = [(time, DAMAGED) for time, _ in frames[60:62]]
    del frames[80:90]

    played = await play(page, frames, [(2.0, 1, 1), (1.5, 1, 1)])

    assert played.errors == []
    assert played.pitch(1) == pytest.approx(TONE_HZ, rel=0.003)
    assert max(map(abs, played.beeps(1))) < SYNC_SECONDS


async def test_repeated_frames_are_ignored(page: Page, stereo: tuple[Frame, ...]) -> None:
    frames = [*stereo]
    frames[100:100] = frames[10:100]

    played = await play(page, frames, [(3.5, 1, 1)])

    assert (played.errors, played.underruns) == ([], 0)
    assert played.is_smooth(0)
    assert played.pitch(0) == pytest.approx(TONE_HZ, rel=0.0001)


async def test_sound_that_cannot_be_decoded_is_reported_once(page: Page) -> None:
    played = await play(page, [(index * 0.02, DAMAGED) for index in range(200)], [(1.5, 1, 1)])

    assert len(played.errors) == 1
    assert played.ahead == 0
