"""Parts of the running site are killed, one at a time, while a stream is on: it heals by itself and keeps its word."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.rig.ffmpeg import publisher, publishing
from tests.rig.site import Site

ACCIDENTS: dict[str, Callable[[Site], None]] = {
    "web process": lambda site: site.kill_web_process(),
    "web process's parent": lambda site: site.kill_web_parent(),
    "nginx": lambda site: site.kill("nginx: master"),
    "nginx's worker": lambda site: site.kill("nginx: worker"),
}


@pytest.mark.parametrize("accident", ACCIDENTS)
async def test_the_site_heals_when_a_part_of_it_is_killed(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path, accident: str
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"
    await viewer.go(f"/c/{name}")
    encoder = publisher(address, encoder_log)
    await viewer.sees_video_move()
    await streamer.say("before the accident")
    await expect(viewer.chat_lines()).to_have_text(["before the accident"])

    ACCIDENTS[accident](site)
    encoder.wait_until_ended()
    await expect(viewer.stream_badge()).to_have_text("Reconnecting")
    site.wait_until_up()
    with publishing(address, encoder_log):
        await expect(viewer.stream_badge()).to_have_text("LIVE")
        await viewer.sees_video_move()
        await streamer.say("after it")
        await expect(viewer.chat_lines()).to_have_text(["before the accident", "after it"])

    await viewer.page.reload()
    await expect(viewer.chat_lines()).to_have_text(["before the accident", "after it"])
