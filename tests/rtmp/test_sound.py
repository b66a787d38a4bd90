"""The times of sound and picture in the video that viewers get, from an encoder that sends flashes with beeps."""

from pathlib import Path

from benchmarks import beeper
from tests.rig.ffmpeg import onsets
from tests.rig.ports import HOST
from tests.rtmp.conftest import Ingest, Owner

BRIGHT = 128.0
"""Average brightness of a picture with a flash. Other pictures are darker."""
LOUD_DB = -20.0
TOLERANCE_SECONDS = 0.045
BEEPS = 3


async def test_sound_and_picture_of_plain_hls_are_synchronous(ingest: Ingest, ada: Owner, tmp_path: Path) -> None:
    async with ingest.web():
        url = f"rtmp://{HOST}:{ingest.settings.rtmp_port}/live/{ada.stream_key}"
        ingest.stack.callback(beeper.start(url, tmp_path / "beeper.log").stop)
        segments = await ingest.until_video(ada, count=5)
        folder = f"/hls/{ada.channel.channel_id}"
        video = tmp_path / "video.ts"
        video.write_bytes(b"".join([(await ingest.browser.get(f"{folder}/{name}")).content for name in segments]))

        flashes = onsets(f"movie={video},signalstats", "lavfi.signalstats.YAVG", BRIGHT)
        beeps = onsets(f"amovie={video},astats=metadata=1:reset=1", "lavfi.astats.Overall.Peak_level", LOUD_DB)

    assert len(flashes) >= BEEPS
    for flash in flashes:
        assert min(abs(beep - flash) for beep in beeps) <= TOLERANCE_SECONDS
