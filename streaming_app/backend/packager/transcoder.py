"""An ffmpeg process that makes all smaller renditions of a stream, with pipes for input and output."""

import asyncio
import logging
import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from io import FileIO

from streaming_app.backend.media import bitrate_ladder, flv_pipe
from streaming_app.backend.media.bitrate_ladder import Rung
from streaming_app.backend.media.rtmp.errors import IngestReadError
from streaming_app.backend.media.tracks import VideoFrame, VideoTrack
from streaming_app.backend.subprocess_environment import plain_environment

log = logging.getLogger(__name__)

READ_BYTES = 256 * 1024
DELAY_SECONDS_MAX = 3.0
"""Maximum delay of a frame. A larger one means that the machine cannot keep up."""
LOGGED_ERROR_CHARACTERS = 500
"""Characters of ffmpeg's last error output that are logged."""
FIRST_FRAME_DELAY_SECONDS_MAX = 10.0
"""Maximum delay of the first frame, for which ffmpeg has to start."""
KEYFRAMES_BEFORE_FIRST = 2
"""ffmpeg drops the first keyframe and all frames up to the second, while it detects the input."""

Take = Callable[[Rung, VideoTrack | VideoFrame], None]


class Transcoder:
    """Transcodes one period, and calls ``take`` with its output. Ignores input once it ``has_failed``."""

    def __init__(
        self, rungs: Sequence[Rung], source: VideoTrack, base_ms: int, take: Take, clock: Callable[[], float]
    ) -> None:
        """``clock`` is monotonic, in seconds."""
        self.rungs = rungs
        self.failure = ""
        """Why it failed, as a message for the streamer; empty while it works."""
        self._source = source
        self._base_ms = base_ms
        self._take = take
        self._process: asyncio.subprocess.Process | None = None
        self._clock = clock
        self._keyframes = 0
        self._expected: deque[tuple[int, float]] = deque()
        """Timestamps of frames that are being transcoded, and when they were written."""
        self._timeout_seconds = FIRST_FRAME_DELAY_SECONDS_MAX
        self._backlog: list[bytes] | None = [flv_pipe.HEADER, flv_pipe.config_tag(source)]
        """Data to write once the process has started; ``None`` after that."""

    @property
    def has_failed(self) -> bool:
        """Whether the transcoder has failed."""
        return bool(self.failure)

    def feed(self, frame: VideoFrame) -> None:
        """Write a frame of the source."""
        if self.has_failed:
            return
        now = self._clock()
        self._keyframes += frame.is_key
        if self._keyframes >= KEYFRAMES_BEFORE_FIRST:
            self._expected.append((frame.dts_ms, now))
        if self._expected and now - self._expected[0][1] > self._timeout_seconds:
            self.fail("Your stream has no lower qualities: the server can't keep up with making them.")
            return
        tag = flv_pipe.frame_tag(frame, self._base_ms)
        if self._backlog is not None:
            self._backlog.append(tag)
        elif self._process and self._process.stdin:
            self._process.stdin.write(tag)

    async def run(self) -> None:
        """Run ffmpeg until its input ends or it fails. Cancel the task to stop it."""
        with ExitStack() as unread:
            pipes = [os.pipe() for _ in self.rungs]
            outputs = [unread.enter_context(os.fdopen(read, "rb", buffering=0)) for read, _ in pipes]
            process = self._process = await self._start([write for _, write in pipes])
            unread.pop_all()  # the readers close them
        try:
            if self.has_failed:
                self._kill()
            self._write_backlog(process)
            reading = [self._read(rung, output) for rung, output in zip(self.rungs, outputs, strict=True)]
            errors = asyncio.create_task(_read_all(process.stderr))
            await asyncio.gather(*reading)
            code = await process.wait()
            if not self.has_failed:
                output = (await errors).decode(errors="replace").strip()
                log.warning("ffmpeg ended with %s: %s", code, output[-LOGGED_ERROR_CHARACTERS:])
                self.fail("Your stream has no lower qualities: making them failed.")
        finally:
            self._kill()
            await process.wait()
            await _close(process.stdin)

    async def _start(self, outputs: Sequence[int]) -> asyncio.subprocess.Process:
        """Start ffmpeg. Only ffmpeg has the writing ends of the pipes open afterwards."""
        try:
            return await asyncio.create_subprocess_exec(
                *bitrate_ladder.ffmpeg_command(self.rungs, self._source, outputs),
                stdin=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=outputs,
                env=plain_environment(),
            )
        finally:
            for output in outputs:
                os.close(output)

    def _write_backlog(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin and self._backlog is not None:
            process.stdin.writelines(self._backlog)
        self._backlog = None

    async def _read(self, rung: Rung, output: FileIO) -> None:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), output
        )
        parser = flv_pipe.FlvPipeReader(self._base_ms)
        try:
            while data := await reader.read(READ_BYTES):
                for media in parser.feed(data):
                    if isinstance(media, VideoFrame):
                        self._came_out(media.dts_ms)
                    self._take(rung, media)
        except IngestReadError as broken:
            log.warning("ffmpeg's output cannot be read: %s", broken)
            self._kill()
        finally:
            transport.close()

    def _came_out(self, dts_ms: int) -> None:
        self._timeout_seconds = DELAY_SECONDS_MAX
        while self._expected and self._expected[0][0] <= dts_ms:
            self._expected.popleft()

    def fail(self, message: str) -> None:
        """Stop ffmpeg, with a message for the streamer."""
        self.failure = message
        self._kill()

    def _kill(self) -> None:
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()


async def _close(writer: asyncio.StreamWriter | None) -> None:
    """Close the input of a program that has ended. Python 3.11.2 logs a broken pipe unless somebody waits for this."""
    if writer is None:
        return
    if not writer.transport.is_closing():
        writer.transport.abort()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def _read_all(reader: asyncio.StreamReader | None) -> bytes:
    return await reader.read() if reader else b""
