"""The site on Kafka and MongoDB, with feed and workers as processes: the main use, and no lost messages."""

import asyncio
import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from playwright.async_api import expect

from streaming_app.backend.adapters.metrics.endpoint import PROCESSES
from streaming_app.backend.network_settings import METRICS_PORTS
from tests.e2e.conftest import NewPerson
from tests.e2e.kafka_site import running_kafka_site
from tests.rig.conditions import until, until_async
from tests.rig.ffmpeg import publishing
from tests.rig.kafka import Kafka, running_kafka
from tests.rig.mongo import Mongo, running_mongo, with_database
from tests.rig.ports import HOST
from tests.rig.prometheus import dashboard_queries, running_prometheus
from tests.rig.site import Site
from tests.rig.trace_collector import QUICKLY, TraceCollector, running_collector

CHAT_IS_BUSY = "Chat is busy"
DATABASE = "site"
"""Name of the site's database."""
MEASURED = (
    "streaming_app_live_streams == 1",
    "streaming_app_publishers == 1",
    "sum(streaming_app_players) > 0",
    "streaming_app_player_delay_seconds > 0",
    "rate(streaming_app_parts_written_total[10s]) > 0",
    "rate(streaming_app_ingest_received_bytes_total[10s]) > 10000",
    'streaming_app_chat_posts_total{result="sent"} > 0',
    "streaming_app_chat_delivery_seconds_count > 0",
    "streaming_app_feed_connections >= 2",
    "streaming_app_channel_viewers >= 2",
    "streaming_app_open_pages >= 2",
    'streaming_app_sign_ins_total{result="signed_in"} > 0',
    'streaming_app_consumer_lag_events{group="chat-archiver"} == 0',
    'streaming_app_store_operation_seconds_count{operation="chat_archive.add"} > 0',
    'streaming_app_bus_operation_seconds_count{operation="publish"} > 0',
    'streaming_app_disk_free_bytes{folder="LIVE_DIR"} > 0',
    'streaming_app_program_up{program="nginx-ingest"} == 1',
    "streaming_app_event_loop_lag_seconds_count > 0",
)
"""Queries that return data while somebody publishes and a viewer watches."""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """The site's own broker, which tests may kill."""
    with running_kafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongo]:
    """The site's own database server, which the last test kills."""
    with running_mongo(tmp_path_factory.mktemp("mongo")) as server:
        yield server


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TraceCollector]:
    """The collector of the site's traces."""
    with running_collector(tmp_path_factory.mktemp("collector")) as collector:
        yield collector


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    site_ports: dict[str, int],
    broker: Kafka,
    database: Mongo,
    collector: TraceCollector,
) -> Iterator[Site]:
    """The site on Kafka and MongoDB, which exports traces."""
    traces, url = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **QUICKLY}, with_database(database.url, DATABASE)
    with running_kafka_site(tmp_path_factory.mktemp("site"), site_ports, broker, url, more=traces) as site:
        yield site


async def test_streaming_and_chat_work_on_kafka_and_mongodb(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path, collector: TraceCollector
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register_by_form(name)
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"
    await viewer.go("/")

    with publishing(address, encoder_log):
        await viewer.card(f"{name}'s stream").get_by_role("link").click()
        await viewer.sees_video_move()
        await streamer.say("hello over Kafka")
        await expect(viewer.chat_lines()).to_have_text(["hello over Kafka"])

    await expect(viewer.stream_badge()).to_have_text("Offline")

    [request_id] = {
        line["request_id"]
        for line in lines_of(site, "logs/chat-archiver.log")
        if line["event"] == "Handled 1 event(s) of streaming.chat.v1"
    }
    page_id, _, _ = request_id.partition(".")
    await streamer.context.close()  # nginx logs a websocket when it is closed
    await until(
        lambda: page_id in {line["request_id"] for line in lines_of(site, "front/logs/access.log")},
        "the page's websocket was in nginx's log under the same id",
    )
    await until(lambda: len(ways_of_messages(collector)) == 2, "the message was in a trace of all its processes")
    assert set(ways_of_messages(collector)) == {
        ("streaming_app.web", "streaming_app.web", service)
        for service in ("streaming_app.feed", "streaming_app.worker.chat-archiver")
    }
    assert all(private not in collector.text for private in (name, "hello over Kafka", HOST))


def ways_of_messages(collector: TraceCollector) -> list[tuple[str, str, str]]:
    """Return the services that a chat message went through: the event of a page, the bus, and who handled it."""
    return [
        (event.service, sent.service, handled.service)
        for event in collector.spans
        if event.name.endswith("chat_state.send")
        for sent in collector.children_of(event)
        for handled in collector.children_of(sent)
    ]


def lines_of(site: Site, file: str) -> list[dict[str, Any]]:
    """Return the lines of a log in the site's ``nginx`` folder."""
    log = Path(site.environment["DATA_DIR"]) / "nginx" / file
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


async def test_prometheus_scrapes_every_process(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path, tmp_path: Path
) -> None:
    metrics_port = int(site.environment["METRICS_PORT"])
    streamer, viewer = await new_person(), await new_person()
    await streamer.register_by_form(name)
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"

    with running_prometheus(tmp_path / "prometheus", metrics_port) as prometheus, publishing(address, encoder_log):
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_move()
        await streamer.go(f"/c/{name}")
        await streamer.say("hello")
        await expect(viewer.chat_lines()).to_have_text(["hello"])

        everybody = ["up"] * len(PROCESSES)
        await until(lambda: list(prometheus.targets().values()) == everybody, "every process was scraped")
        for expression in MEASURED:
            await until(lambda query=expression: bool(prometheus.query(query)), f"{expression} was measured", 60)
        for expression in dashboard_queries():
            await until(lambda query=expression: bool(prometheus.query(query)), f"{expression} returned data", 60)
        await until(lambda: set(prometheus.rules().values()) == {"ok"}, "all alerts were evaluated")

    metrics_ports = range(metrics_port, metrics_port + METRICS_PORTS)
    listening = [address for address in site.listening() if address[1] in metrics_ports]
    assert len(listening) == len(PROCESSES)
    assert {host for host, _ in listening} == {HOST}
    for path in ("/metrics", "/api/metrics"):
        assert (await viewer.context.request.get(f"{site.url}{path}")).status == HTTPStatus.NOT_FOUND


async def test_a_killed_archiver_restarts_and_stores_all_messages(
    site: Site, new_person: NewPerson, name: str, database: Mongo
) -> None:
    talker, reader = await new_person(), await new_person()
    await talker.register(name)
    await talker.go(f"/c/{name}")
    await reader.go(f"/c/{name}")
    said = [f"line {number}" for number in range(6)]

    await talker.say(said[0])
    site.kill("worker chat-archiver")
    for line in said[1:]:
        await talker.say_until_accepted(line)

    await expect(reader.chat_lines()).to_have_text(said)
    await until_async(lambda: _archive_holds(database, name, said), "the archive held every line once, in order")


@pytest.mark.parametrize("part", ["worker reaper", "backend feed", "web process"])
async def test_a_stream_ends_and_chat_continues_after_a_process_was_killed(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path, part: str
) -> None:
    talker, viewer = await new_person(), await new_person()
    await talker.register(name)
    address = f"{site.rtmp_url}/{await talker.stream_key()}"
    await talker.go(f"/c/{name}")
    await viewer.go(f"/c/{name}")

    with publishing(address, encoder_log):
        await viewer.sees_video_move()
        await talker.say("before")
        if part == "web process":
            site.kill_web_processes()
        else:
            site.kill(part)
        site.wait_until_up()
        await talker.say_until_accepted("after")
        await expect(viewer.chat_lines()).to_have_text(["before", "after"])

    await expect(viewer.stream_badge()).to_have_text("Offline")
    assert name not in site.live()


async def test_a_killed_broker_refuses_new_messages_and_loses_none(
    site: Site, new_person: NewPerson, name: str, broker: Kafka, database: Mongo
) -> None:
    talker, reader = await new_person(), await new_person()
    await talker.register(name)
    await talker.go(f"/c/{name}")
    await talker.say("before")
    await reader.go(f"/c/{name}")
    await expect(reader.chat_lines()).to_have_text(["before"])

    broker.kill()
    box = talker.page.get_by_role("textbox", name="Message")
    await box.fill("during")
    await box.press("Enter")
    await expect(talker.page.get_by_text(CHAT_IS_BUSY)).to_be_visible()
    await expect(box).to_have_value("during")
    await reader.page.reload()
    await expect(reader.chat_lines()).to_have_text(["before"])
    broker.start()  # not in another thread, because the broker ends with the thread that starts it
    await box.press("Enter")
    await expect(box).to_have_value("")

    await expect(reader.chat_lines().last).to_have_text("during")
    shown = await reader.chat_lines().all_text_contents()
    await until_async(lambda: _archive_holds(database, name, shown), "the archive held what the screen shows")


async def test_a_killed_database_is_reported_and_the_site_recovers_with_it(
    site: Site, new_person: NewPerson, name: str, database: Mongo
) -> None:
    """The last test of this file: the server keeps everything in memory, so the data is lost. The site recovers."""
    person, stranger = await new_person(), await new_person()
    await person.register(name)
    await person.go(f"/c/{name}")
    await stranger.go("/login")

    before = len(site.process.output())
    database.kill()
    await stranger.sign_in(name)
    await expect(stranger.page.locator(".form__error")).to_contain_text("having trouble")
    await person.go(f"/c/{name}")
    await expect(person.page.get_by_text("We're having trouble.")).to_be_visible()
    assert not site.answers()
    database.start()
    await asyncio.to_thread(site.wait_until_up)

    await expect(person.page.get_by_role("heading", name="There is no such channel")).to_be_visible()
    await stranger.register_by_form(name)
    await stranger.go(f"/c/{name}")
    await stranger.say_until_accepted("back again")
    await expect(stranger.chat_lines()).to_have_text(["back again"])
    assert "Traceback" not in site.process.output()[before:]


async def _archive_holds(database: Mongo, name: str, texts: list[str]) -> bool:
    url, loop = with_database(database.url, DATABASE), asyncio.get_running_loop()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(url, io_loop=loop)
    try:
        messages = client.get_default_database()["chat_messages"].find({"username": name}).sort("position", 1)
        return [message["text"] async for message in messages] == texts
    finally:
        client.close()
