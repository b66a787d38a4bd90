import subprocess
from pathlib import Path

from tests.rig import ffmpeg
from tests.rig.ports import HOST, free_port
from tests.rig.processes import Process


def listener(port: int, recording: Path) -> Process:
    """Start an ffmpeg that accepts one publisher, as an RTMP server does, and records its stream."""
    command = ["ffmpeg", "-nostdin", "-y", "-listen", "1", "-i", f"rtmp://{HOST}:{port}/live", "-c", "copy", recording]
    return Process("listener", command, recording.with_suffix(".log"))


def test_a_publisher_sends_aac_and_h264_with_a_keyframe_each_second(tmp_path: Path) -> None:
    port, recording = free_port(), tmp_path / "recording.flv"
    server = listener(port, recording)
    server.wait_until(lambda: _listens(port), "it listened")

    encoder = ffmpeg.publisher(f"rtmp://{HOST}:{port}/live", tmp_path / "encoder.log", seconds=2.5)
    code = encoder.wait_until_ended()
    server.wait_until_ended()

    assert code == 0, encoder.output()
    packets = _probe("-select_streams", "v", "-show_entries", "packet=flags", recording)
    assert [number for number, flags in enumerate(packets) if "K" in flags] == [0, 30, 60]
    assert _probe("-show_entries", "stream=codec_name,width,height", recording) == ["h264,640,360", "aac"]


def test_a_publisher_without_a_server_ends_with_a_reason(tmp_path: Path) -> None:
    with ffmpeg.publishing(f"rtmp://{HOST}:{free_port()}/live", tmp_path / "log") as encoder:
        code = encoder.wait_until_ended()

    assert code != 0
    assert "Connection refused" in encoder.output()


def _listens(port: int) -> bool:
    """Check the kernel's table instead of connecting, because the listener accepts only one connection."""
    listening = f":{port:04X} 00000000:0000 0A"
    return any(listening in line for line in Path("/proc/net/tcp").read_text().splitlines())


def _probe(*arguments: str | Path) -> list[str]:
    command = ["ffprobe", "-v", "error", "-of", "csv=p=0", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
