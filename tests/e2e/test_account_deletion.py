"""Downloading the data of an account, and deleting it until nothing is left in the store, on disk and in the API."""

import asyncio
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from streaming_app.backend.media.recordings.model import Recording
from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.conditions import until, until_async
from tests.rig.ffmpeg import publisher
from tests.rig.recorded_video import record_zeros
from tests.rig.site import Site, running_site
from tests.rig.site_store import open_store_of
from tests.rig.stored_values import containing, rows_of

DELAY_SECONDS = 20
SEGMENTS, SEGMENT_BYTES = 500, 4_000_000
AHEAD_BYTES = 100_000_000
"""More than the buffers of a connection hold, and much less than a recording of ``SEGMENTS``."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
POLLS = 50
"""Number of looks at a process until it counts as waiting."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_ports: dict[str, int]) -> Iterator[Site]:
    """A site that deletes accounts soon."""
    settings = {"ACCOUNT_DELETION_DELAY": str(DELAY_SECONDS), "RECORDING_RESERVE": "1"}
    with running_site(tmp_path_factory.mktemp("deletion"), site_ports, settings) as site:
        yield site


async def ask_for_deletion(person: Person, name: str) -> None:
    await person.go("/settings/data")
    await person.page.get_by_label("Your username, to confirm").fill(name)
    await person.page.get_by_role("button", name="Delete my account").click()
    await expect(person.page.get_by_role("heading", name="Your account will be deleted")).to_be_visible()


async def test_a_user_can_change_their_mind(new_person: NewPerson, name: str) -> None:
    laptop, phone = await new_person(), await new_person()
    await laptop.register(name)
    await laptop.go("/studio")
    await phone.go("/login?next=/studio")
    await phone.sign_in(name)
    await expect(phone.page.get_by_role("heading", name="Studio", exact=True)).to_be_visible()

    await laptop.go("/settings/data")
    await laptop.page.get_by_role("button", name="Delete my account").click()
    await expect(laptop.page.locator("#username-error")).to_have_text(f"Type your username, {name}, to confirm.")
    await expect(laptop.page.get_by_label("Your username, to confirm")).to_be_focused()
    await ask_for_deletion(laptop, name)
    await expect(phone.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    await phone.go(f"/c/{name}")
    await expect(phone.page.get_by_role("heading", name="There is no such channel")).to_be_visible()

    await laptop.go("/login?next=/studio")
    await laptop.sign_in(name)
    await expect(laptop.page.get_by_role("heading", name="Your account will be deleted")).to_be_visible()
    await laptop.page.get_by_role("button", name="Keep my account").click()
    await expect(laptop.account_menu()).to_contain_text(name)
    await phone.go(f"/c/{name}")
    await expect(phone.page.get_by_role("heading", name=f"{name}'s stream")).to_be_visible()


def _files_of(site: Site, *ids: str) -> list[Path]:
    """Return the files of the site whose names contain an id."""
    found = [path for each in ids for path in site.data_dir.rglob(f"*{each}*")]
    return [path for path in found if "nginx" not in path.parts]


async def test_nothing_is_left_of_a_deleted_account(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    ann, bob = await new_person(), await new_person()
    await ann.register(name)
    await bob.register(f"bob{name}")
    await bob.go("/studio")
    key = await ann.stream_key()
    switch = ann.page.get_by_role("switch", name="Record my streams")
    await switch.click()
    await expect(switch).to_be_checked()
    encoder = publisher(f"{site.rtmp_url}/{key}", encoder_log)
    await expect(ann.page.get_by_text("Recording this stream.")).to_be_visible()
    await bob.go(f"/c/{name}")
    await bob.sees_video_move()
    await bob.say("hello from bob")
    await ann.go(f"/c/bob{name}")
    await ann.say("my secret recipe")
    async with open_store_of(site) as store:
        user = await store.users.get_by_login(name)
        channel_id = (await store.channels.get_by_owner(user.user_id)).channel_id
        recordings = [each.recording_id for each in await store.recordings.of_channel(channel_id, 2)]
        assert recordings
        await ask_for_deletion(ann, name)
        await asyncio.to_thread(encoder.wait_until_ended)
        assert name not in site.live()

        texts = (f"'{name}'", f"'{name}@example.com'", "my secret recipe", "hello from bob")
        traces = (user.user_id, channel_id, *texts)
        assert containing(await rows_of(store), *traces)

        async def is_erased() -> bool:
            return not containing(await rows_of(store), *traces)

        await until_async(is_erased, "nothing was left in the store", 120)

    await until(lambda: not _files_of(site, channel_id, *recordings), "the recorder had removed the last files")
    for path in (f"/api/channels/{channel_id}/emotes", f"/api/recordings/{recordings[0]}/chat"):
        assert (await bob.context.request.get(site.url + path)).status == 404
    await bob.go(f"/c/{name}")
    await expect(bob.page.get_by_role("heading", name="There is no such channel")).to_be_visible()
    await ann.go("/login")
    await ann.sign_in(name)
    await expect(ann.page.get_by_text("Wrong username or password.")).to_be_visible()
    await ann.go("/register")
    await ann.page.get_by_label("Username", exact=True).fill(name)
    await ann.page.get_by_label("Email").fill(f"{name}@example.com")
    await ann.page.get_by_label("Password", exact=True).fill("correct horse battery")
    await ann.page.get_by_role("button", name="Create account").click()
    await expect(ann.page.locator("#username-error")).to_contain_text("taken")


async def test_a_download_waits_for_its_client_and_breaks_with_the_process(
    site: Site, new_person: NewPerson, name: str
) -> None:
    person = await new_person()
    await person.register(name)
    await person.go("/studio")
    await expect(person.page.get_by_role("heading", name="Studio", exact=True)).to_be_visible()
    record_zeros(site.data_dir / f"recordings/r-{name}", SEGMENTS, SEGMENT_BYTES)
    async with open_store_of(site) as store:
        channel = await store.channels.get_by_slug(name)
        size, ended_at = SEGMENTS * SEGMENT_BYTES, datetime.now(UTC)
        recording = Recording(f"r-{name}", channel.channel_id, "title", "", EPOCH, SEGMENTS, size, ended_at=ended_at)
        await store.recordings.add(recording)
    await person.go("/settings/data")
    await expect(person.page.get_by_text("Your recordings take 2.0 GB")).to_be_visible()
    cookies = {cookie.get("name", ""): cookie.get("value", "") for cookie in await person.context.cookies()}
    web_processes, seen = site.web_processes(), list[int]()

    def read_bytes() -> int:
        return sum(process.io_counters().read_chars for process in web_processes)

    before = read_bytes()

    def has_stopped_reading() -> bool:
        seen.append(read_bytes())
        return len(seen) > POLLS and seen[-1] - seen[-POLLS] < SEGMENT_BYTES

    async with (
        httpx.AsyncClient(base_url=site.url, cookies=cookies, trust_env=False, timeout=60) as client,
        client.stream("GET", "/api/account/export") as answer,
    ):
        assert answer.status_code == 200
        chunks = answer.aiter_raw()
        await anext(chunks)
        await until(has_stopped_reading, "the site waited for the client")
        assert seen[-1] - before < AHEAD_BYTES
        site.kill_web_processes()
        with pytest.raises(httpx.HTTPError):
            async for _ in chunks:
                pass
    await asyncio.to_thread(site.wait_until_up)


async def test_a_user_downloads_everything(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register(name)
    await person.go("/studio")
    await expect(person.page.get_by_role("heading", name="Studio", exact=True)).to_be_visible()
    await person.go(f"/c/{name}")
    await person.say("my diary")

    await person.go("/settings/data")
    await person.page.get_by_role("button", name="Prepare the download").click()
    async with person.page.expect_download() as downloading:
        await person.page.get_by_role("link", name="Download account.zip").click()

    download = await downloading.value
    assert download.suggested_filename == "account.zip"
    with zipfile.ZipFile(await download.path()) as archive:
        assert json.loads(archive.read("account.json"))["username"] == name
        assert [each["text"] for each in json.loads(archive.read("chat_messages.json"))] == ["my diary"]
        assert json.loads(archive.read("channel.json"))["slug"] == name
