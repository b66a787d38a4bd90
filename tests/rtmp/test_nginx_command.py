"""``python -m streaming_app.backend nginx INSTANCE``: one nginx without a supervisor, as in a container."""

import asyncio
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from streaming_app.backend.adapters.nginx_limits import Instance
from streaming_app.backend.config import Settings
from streaming_app.backend.settings_environment import as_environment
from tests.rig.conditions import until_async
from tests.rig.echo import echo_app
from tests.rig.nginx import is_running, nginx_processes, nginx_settings
from tests.rig.processes import Process
from tests.rig.serving import serving

RESOLVER = """
import socket, sys
from pathlib import Path
real = socket.getaddrinfo
def look_up(host, *rest, **more):
    return real(Path({names!r}).read_text() if host == "web.test" else host, *rest, **more)
socket.getaddrinfo = look_up
"""
"""A ``sitecustomize`` module: the address of web.test is in a file."""
FIRST, SECOND = "127.0.0.21", "127.0.0.22"


@contextmanager
def running(settings: Settings, instance: Instance, folder: Path) -> Generator[Process]:
    environment = {**as_environment(settings, with_secrets=True), "PYTHONPATH": f"{folder}:{Path(__file__).parents[2]}"}
    command = [sys.executable, "-m", "streaming_app.backend", "nginx", instance]
    process = Process(f"nginx {instance}", command, folder / "nginx.log", environment=environment, folder=folder)
    try:
        process.wait_until_listening(settings.http_port if instance == "front" else settings.rtmp_port)
        yield process
    finally:
        process.stop()


async def test_the_front_door_follows_a_host_to_its_new_address(tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_text("unknown.invalid", encoding="utf-8")
    (tmp_path / "sitecustomize.py").write_text(RESOLVER.format(names=str(names)), encoding="utf-8")
    settings = nginx_settings(tmp_path, web_host="web.test")

    async def answered_by(address: str) -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{settings.http_port}/page")
        return answer.status_code == (200 if address else 503)

    with running(settings, "front", tmp_path) as process:
        assert await answered_by("")
        for address in (FIRST, SECOND):
            async with serving(echo_app(), settings.web_port, host=address):
                names.write_text(address, encoding="utf-8")
                await until_async(lambda address=address: answered_by(address), f"nginx reached {address}")
        names.write_text("unknown.invalid", encoding="utf-8")
        process.signal(signal.SIGHUP)
        await until_async(lambda: answered_by(""), "nginx had no server")


async def test_the_ingest_ends_with_its_command(tmp_path: Path) -> None:
    settings = nginx_settings(tmp_path)
    with running(settings, "ingest", tmp_path) as process:
        nginx = nginx_processes(settings, "ingest")
        await asyncio.to_thread(process.stop)

    assert process.exit_code == 0
    assert not any(is_running(each) for each in nginx.values())


async def test_the_command_ends_with_its_nginx(tmp_path: Path) -> None:
    settings = nginx_settings(tmp_path)
    with running(settings, "front", tmp_path) as process:
        nginx_processes(settings, "front")["master"].kill()

        assert await asyncio.to_thread(process.wait_until_ended) == 1

    assert "nginx has ended with exit code -9: see the lines above." in process.output()
    assert not (settings.data_dir / "nginx/front/logs/error.log").exists()
