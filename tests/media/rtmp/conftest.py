"""nginx with its RTMP module, and encoders, as sources for players."""

from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from streaming_app.backend.adapters.nginx_conf import find_nginx
from tests.rig.ffmpeg import PICTURE, TONE
from tests.rig.ports import HOST, free_port
from tests.rig.processes import Process

CONF = """
daemon off;
master_process off;
pid nginx.pid;
error_log error.log warn;
{modules}
events {{ worker_connections 64; }}
rtmp {{
    access_log off;
    server {{
        listen 127.0.0.1:{port};
        chunk_size {chunk_size};
        application live {{
            live on;
            wait_key on;
            wait_video on;
            interleave on;
            idle_streams off;
        }}
        application patient {{
            live on;
            idle_streams on;
        }}
        application notifying {{
            live on;
            publish_notify on;
        }}
    }}
}}
"""
"""Configuration in which ``live`` is as in the site's ingest, but accepts every publisher."""

VIDEO = ["-re", "-f", "lavfi", "-i", PICTURE]
AUDIO = ["-re", "-f", "lavfi", "-i", TONE]
# fmt: off
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "15"]
WITH_B_FRAMES = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "15", "-bf", "2"]
# fmt: on
AAC = ["-c:a", "aac", "-b:a", "96k"]


@dataclass
class Origin:
    """An nginx to publish to and to play from."""

    port: int
    nginx: Process
    folder: Path
    stack: ExitStack

    def publish(self, *arguments: str, application: str = "live", name: str = "c1") -> Process:
        """Run ffmpeg with these inputs and codecs until it is stopped or the test ends."""
        url = f"rtmp://{HOST}:{self.port}/{application}/{name}"
        command = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "warning", *arguments, "-f", "flv", url]
        encoder = Process("ffmpeg", command, self.folder / "ffmpeg.log")
        self.stack.callback(encoder.stop)
        return encoder


@pytest.fixture(params=[8192], ids=["chunks of 8 KiB"])
def origin(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Origin]:
    nginx = find_nginx()
    port = free_port()
    modules = " ".join(f'load_module "{module}";' for module in nginx.modules)
    conf = tmp_path / "nginx.conf"
    conf.write_text(CONF.format(modules=modules, port=port, chunk_size=request.param), encoding="utf-8")
    command = [nginx.path, "-p", tmp_path, "-c", conf, "-e", tmp_path / "error.log"]
    process = Process("nginx", command, tmp_path / "nginx.log")
    with ExitStack() as stack:
        stack.callback(process.stop)
        process.wait_until_listening(port)
        yield Origin(port, process, tmp_path, stack)
