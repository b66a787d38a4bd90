"""A site that is lost during a stream, and restored from a backup of the running site. Used by one test only."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.conftest import NewContext
from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.ffmpeg import publishing
from tests.rig.scaled_site import ONE_PROCESS
from tests.rig.site import Site, environment_of, operate, running_site

SETTINGS = ONE_PROCESS | {"RECONNECT_GRACE": "2"}
"""The backup is of a SQLite file."""
PLAYED_A_SECOND = "(video) => video.currentTime > 1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_ports: dict[str, int]) -> Iterator[Site]:
    """The site that the test stops."""
    with running_site(tmp_path_factory.mktemp("site"), site_ports, SETTINGS) as site:
        yield site


async def test_a_site_that_was_lost_during_a_stream_continues_from_its_backup(
    site: Site, new_person: NewPerson, new_context: NewContext, name: str, tmp_path: Path
) -> None:
    streamer = await new_person()
    await streamer.register(name)
    key = await streamer.stream_key()
    await streamer.page.get_by_role("switch", name="Record my streams").click()
    await expect(streamer.page.get_by_text("Your streams will be recorded.")).to_be_visible()
    with publishing(f"{site.rtmp_url}/{key}", tmp_path / "encoder.log"):
        await expect(streamer.page.get_by_text("Recording this stream.")).to_be_visible()
        await streamer.say("before the backup")
        await asyncio.to_thread(until_recorded, site, 3)
        said = await asyncio.to_thread(operate, site.environment, "backup", str(tmp_path / "backup"))
        assert "1 recordings" in said
    await asyncio.to_thread(site.process.stop)
    await streamer.context.close()
    restored_folder = tmp_path / "restored"
    settings = environment_of(restored_folder / "data", site.ports)
    await asyncio.to_thread(operate, settings, "restore", str(tmp_path / "backup"))

    with running_site(restored_folder, site.ports, SETTINGS) as restored:
        context = await new_context()
        person = Person(restored, context, await context.new_page())
        await person.go("/login")
        await person.sign_in(name)
        await expect(person.account_menu()).to_be_visible()
        assert await person.stream_key() == key
        await person.go(f"/c/{name}")
        await expect(person.chat_lines()).to_have_text(["before the backup"])
        await asyncio.to_thread(
            restored.process.wait_until, lambda: restored.live() == [], "the stream of the backup ended"
        )
        await person.page.reload()
        await person.page.locator(".recording-card a").first.click()
        await expect(person.page.locator(".player[data-phase=playing]")).to_be_visible()
        await person.page.wait_for_function(f"() => ({PLAYED_A_SECOND})(document.querySelector('recorded-video'))")
        with publishing(f"{restored.rtmp_url}/{key}", tmp_path / "again.log"):
            await person.go(f"/c/{name}")
            await person.sees_video_move()


def until_recorded(site: Site, segments: int) -> None:
    """Wait until the recording has so many segments."""
    folder = site.data_dir / "recordings"
    site.process.wait_until(lambda: len(list(folder.glob("*/*.m4s"))) >= segments, "segments were recorded")
