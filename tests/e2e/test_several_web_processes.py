"""The main use with two web processes: any request goes to any of them, and Redis dies and comes back."""

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.e2e.kafka_site import running_kafka_site
from tests.e2e.people import Person
from tests.rig.conditions import until, until_async
from tests.rig.doctor import examine
from tests.rig.ffmpeg import publishing
from tests.rig.kafka import running_kafka
from tests.rig.metrics import scrape
from tests.rig.mongo import running_mongo, with_database
from tests.rig.redis import Redis, running_redis
from tests.rig.site import START_SECONDS, Site

FEED = "-m streaming_app.backend feed"
SECOND_WEB_PROCESS, FIRST_FEED, SECOND_FEED = 20, 1, 40
"""Offsets of the ports of metrics from that of the first web process."""


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """The site's own Redis."""
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_ports: dict[str, int], redis: Redis) -> Iterator[Site]:
    """The site with two web processes, and two feeds of their own."""
    with (
        running_kafka(tmp_path_factory.mktemp("kafka")) as broker,
        running_mongo(tmp_path_factory.mktemp("mongo")) as server,
        running_kafka_site(
            tmp_path_factory.mktemp("site"), site_ports, broker, with_database(server.url, "site"), redis
        ) as site,
    ):
        yield site


async def test_streaming_chat_and_moderation_work_across_web_processes(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register_by_form(name)
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"
    await viewer.register(f"{name}-fan")
    await viewer.go("/")

    with publishing(address, encoder_log):
        await viewer.card(f"{name}'s stream").get_by_role("link").click()
        await viewer.sees_video_move()
        await streamer.go(f"/c/{name}")
        await connect_to_different_processes(site, streamer, viewer)
        await viewer.say("hello from the other process")
        await streamer.say("welcome")
        for person in (streamer, viewer):
            await expect(person.chat_lines()).to_have_text(["hello from the other process", "welcome"])
            await expect(person.page.locator("[data-viewers='2']")).to_be_visible()
        assert name in site.live()
        await streamer.say(f"/ban @{name}-fan spam")
        await expect(viewer.page.get_by_text("You are banned from this chat: spam.")).to_be_visible()

    await expect(viewer.stream_badge()).to_have_text("Offline")
    assert name not in site.live()


async def test_signing_out_everywhere_reaches_the_pages_of_all_processes(
    site: Site, new_person: NewPerson, name: str
) -> None:
    here, there = await new_person(), await new_person()
    await here.register(name)
    await here.go("/")
    await there.go("/login")
    await there.sign_in(name)
    await expect(there.account_menu()).to_be_visible()
    await connect_to_different_processes(site, here, there)

    await here.go("/settings/security")
    await here.page.get_by_role("button", name="Sign out all other browsers").click()

    await expect(there.page.get_by_role("link", name="Sign in").first).to_be_visible()
    await expect(here.account_menu()).to_be_visible()


async def test_pages_work_again_after_redis_was_killed_and_came_back_without_data(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path, redis: Redis
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"
    await viewer.register(f"{name}-fan")
    await viewer.go(f"/c/{name}")
    await streamer.go(f"/c/{name}")
    await connect_to_different_processes(site, streamer, viewer)

    with publishing(address, encoder_log):
        await viewer.sees_video_move()
        await viewer.say("before")
        redis.kill()
        box = viewer.page.get_by_role("textbox", name="Message")
        await box.fill("meanwhile")
        await box.press("Enter")
        await viewer.sees_video_move()
        assert name in site.live()
        redis.start()
        await viewer.say_until_accepted("after")
        await streamer.say_until_accepted("welcome back")

        for person in (streamer, viewer):
            await expect(person.chat_lines().last).to_have_text("welcome back")
            await expect(person.page.locator("[data-viewers='2']")).to_be_visible()


async def test_doctor_names_all_programs_of_the_site(site: Site, tmp_path: Path) -> None:
    def named() -> set[str]:
        found = examine(tmp_path, site.environment).findings
        message = "".join(each["message"] for each in found if each["check"] == "programs")
        return set(message.removesuffix(" run and answer.").split(", "))

    site.process.wait_until(lambda: {"web", "web-2", "feed", "feed-2"} <= named(), "doctor named all programs")


async def test_chat_goes_on_when_a_feed_is_killed(site: Site, new_person: NewPerson, name: str) -> None:
    people = [await new_person(), await new_person()]
    await people[1].register(name)
    for person in people:
        await person.go(f"/c/{name}")
    await connect_to_different_processes(site, *people, count=_feed_connections)
    await people[1].say("before")
    first, second = site.parts(FEED)

    first.kill()
    await people[1].say("after")

    for person in people:
        await expect(person.chat_lines()).to_have_text(["before", "after"])
    assert second.is_running()
    await until(lambda: len(site.parts(FEED)) == 2, "the feed ran again")


async def test_web_processes_and_feeds_restart_one_after_the_other_and_the_site_always_answers(
    site: Site, new_person: NewPerson, name: str
) -> None:
    person, reader = await new_person(), await new_person()
    await person.register(name)
    await person.go(f"/c/{name}")
    await reader.go(f"/c/{name}")
    await person.say("before")
    ports = site.ports["WEB_PORT"], int(site.environment["MORE_WEB_PORT"])
    before = [*(site.web_process_on(port) for port in ports), *site.parts(FEED)]
    assert len(before) == 4

    site.process.signal(signal.SIGHUP)

    async def are_replaced() -> bool:
        answer = await reader.context.request.get(f"{site.url}/api/channels/live")
        assert answer.status == HTTPStatus.OK
        return not any(process.is_running() for process in before)

    await until_async(are_replaced, "all of them were replaced", START_SECONDS)
    await person.say_until_accepted("after")

    await expect(reader.chat_lines()).to_have_text(["before", "after"])


def _open_pages(site: Site) -> list[float]:
    """Return the number of pages that are connected to each web process."""
    return _in_each(site, "open_pages", (0, SECOND_WEB_PROCESS))


def _feed_connections(site: Site) -> list[float]:
    """Return the number of websockets of each feed."""
    return _in_each(site, "feed_connections", (FIRST_FEED, SECOND_FEED))


def _in_each(site: Site, metric: str, offsets: Sequence[int]) -> list[float]:
    first = int(site.environment["METRICS_PORT"])
    return [scrape(first + offset).get(metric) or 0 for offset in offsets]


async def connect_to_different_processes(
    site: Site, *people: Person, count: Callable[[Site], list[float]] = _open_pages
) -> None:
    """Reload the page of the last one, who is signed in, until each process has one connection, as ``count`` tells."""
    for _ in range(20):
        await people[-1].page.reload()

        async def are_all_connected() -> bool:
            return sum(await asyncio.to_thread(count, site)) == len(people)

        await expect(people[-1].account_menu()).to_be_visible()
        await until_async(are_all_connected, "each page had one connection")
        if await asyncio.to_thread(count, site) == [1, 1]:
            return
    raise AssertionError
