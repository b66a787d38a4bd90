"""Parts of the running site are killed during a stream, one at a time. The site recovers and loses nothing.

This file runs after the others that share the site.
"""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.rig.conditions import until
from tests.rig.ffmpeg import publisher, publishing
from tests.rig.site import Site

NGINX_FAULTS: dict[str, Callable[[Site], None]] = {
    "nginx": lambda site: site.kill("nginx: master"),
    "nginx's worker": lambda site: site.kill("nginx: worker"),
}
WEB_PROCESS_FAULTS: dict[str, Callable[[Site], None]] = {
    "killed": lambda site: site.kill_web_processes(),
    "started again with new code": lambda site: site.process.signal(signal.SIGHUP),
}


@pytest.mark.parametrize("fault", NGINX_FAULTS)
async def test_the_site_recovers_when_nginx_is_killed(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path, fault: str
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"
    await viewer.go(f"/c/{name}")
    encoder = publisher(address, encoder_log)
    await viewer.sees_video_move()
    await streamer.say("before the fault")
    await expect(viewer.chat_lines()).to_have_text(["before the fault"])

    NGINX_FAULTS[fault](site)
    encoder.wait_until_ended()
    await expect(viewer.stream_badge()).to_have_text("Reconnecting")
    site.wait_until_up()
    with publishing(address, encoder_log):
        await expect(viewer.stream_badge()).to_have_text("LIVE")
        await viewer.sees_video_move()
        await streamer.say("after it")
        await expect(viewer.chat_lines()).to_have_text(["before the fault", "after it"])

    await viewer.page.reload()
    await expect(viewer.chat_lines()).to_have_text(["before the fault", "after it"])


@pytest.mark.parametrize("fault", WEB_PROCESS_FAULTS)
async def test_video_continues_when_the_web_process_is_killed_or_restarted(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path, fault: str
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"
    await viewer.go(f"/c/{name}")
    with publishing(address, encoder_log) as encoder:
        await viewer.sees_video_move()
        await streamer.say("before the fault")
        await expect(viewer.chat_lines()).to_have_text(["before the fault"])
        web_processes, nginx = site.web_processes(), site.parts("nginx: master")

        WEB_PROCESS_FAULTS[fault](site)
        await until(lambda: not any(each.is_running() for each in web_processes), "the web processes were gone")
        await viewer.sees_video_move()
        site.wait_until_up()
        await expect(viewer.stream_badge()).to_have_text("LIVE")
        await streamer.say("after it")
        await expect(viewer.chat_lines()).to_have_text(["before the fault", "after it"])
        await viewer.sees_video_move()

        assert encoder.exit_code is None, "its one connection has held"
        assert site.parts("nginx: master") == nginx
