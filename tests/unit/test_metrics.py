"""The endpoint with the metrics of a process, and the metrics that every process has."""

import asyncio
import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from streaming_app.backend.adapters.logging_setup import RecordCounter
from streaming_app.backend.adapters.metrics import endpoint, exposed
from streaming_app.backend.adapters.metrics.definitions import PUBLISHERS, WORKER
from streaming_app.backend.adapters.metrics.disks import sample_disks
from streaming_app.backend.adapters.metrics.endpoint import PROCESSES, metrics_port, serving_metrics
from streaming_app.backend.adapters.web_processes import web_processes_of
from streaming_app.backend.config import Settings
from streaming_app.backend.network_settings import METRICS_PORTS
from streaming_app.backend.setting_types import WEB_PROCESSES_MAX
from streaming_app.backend.workers.worker_list import WORKERS
from tests.rig.conditions import until, until_async
from tests.rig.metrics import Growth, current, scrape_in_thread
from tests.rig.metrics_table import HEAD, metrics_table
from tests.rig.ports import free_ports, is_open
from tests.rig.prometheus import DEFAULT_PORT, scrape_config

NewSettings = Callable[..., Settings]


@pytest.fixture
def new_settings(tmp_path: Path) -> NewSettings:
    def new_settings(**values: object) -> Settings:
        return Settings.model_validate(
            {"data_dir": tmp_path / "data", "metrics_port": free_ports(METRICS_PORTS), **values}
        )

    return new_settings


async def test_a_process_serves_its_own_metrics_and_no_others(new_settings: NewSettings) -> None:
    settings = new_settings()
    async with serving_metrics(settings, "web", PUBLISHERS):
        await until(lambda: is_open(settings.metrics_port), "the endpoint listened")
        await until_async(lambda: _has_measured_lag(settings.metrics_port), "the lag was measured")
        samples = await scrape_in_thread(settings.metrics_port)

    [build] = samples.labels("build_info")
    assert build["process"] == "web"
    assert {"publishers", "process_resident_memory_bytes", "process_open_fds"} <= samples.names
    assert not {"feed_connections", "parts_written_total"} & samples.names
    assert not is_open(settings.metrics_port)


async def _has_measured_lag(port: int) -> bool:
    return bool((await scrape_in_thread(port)).get("event_loop_lag_seconds_count"))


async def test_without_a_port_there_is_no_endpoint(new_settings: NewSettings) -> None:
    settings = new_settings(metrics_port=0)

    async with serving_metrics(settings, "web"):
        assert len(asyncio.all_tasks()) == 1


async def test_gauges_are_measured_when_they_are_read(new_settings: NewSettings) -> None:
    settings = new_settings()
    published = iter([2, 3])

    async def sample() -> None:
        PUBLISHERS.set(next(published))

    async with serving_metrics(settings, "web"):
        await until(lambda: is_open(settings.metrics_port), "the endpoint listened")
        with exposed.exposed([PUBLISHERS], sample):
            values = [(await scrape_in_thread(settings.metrics_port)).get("publishers") for _ in range(2)]
        after = await scrape_in_thread(settings.metrics_port)

    assert values == [2, 3]
    assert after.get("publishers") is None


async def test_gauges_are_left_out_while_the_event_loop_cannot_measure_them(
    new_settings: NewSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exposed, "SAMPLE_SECONDS", 0.1)
    settings = new_settings()

    async def never() -> None:
        await asyncio.Event().wait()

    async with serving_metrics(settings, "web"):
        await until(lambda: is_open(settings.metrics_port), "the endpoint listened")
        with exposed.exposed([PUBLISHERS], never):
            samples = await scrape_in_thread(settings.metrics_port)

    assert samples.get("publishers") is None
    assert "build_info" in samples.names


async def test_a_failure_to_measure_one_gauge_keeps_the_others(
    new_settings: NewSettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings = new_settings()

    async def fail() -> None:
        raise OSError

    async def sample() -> None:
        PUBLISHERS.set(7)

    async with serving_metrics(settings, "web"):
        await until(lambda: is_open(settings.metrics_port), "the endpoint listened")
        with exposed.exposed(WORKER, fail), exposed.exposed([PUBLISHERS], sample):
            samples = await scrape_in_thread(settings.metrics_port)

    assert samples.get("publishers") == 7
    assert "A metric could not be measured" in caplog.text


async def test_a_process_serves_metrics_once_the_process_that_it_replaces_has_ended(
    new_settings: NewSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(endpoint, "RETRY_SECONDS", 0.02)
    caplog.set_level(logging.INFO)
    settings = new_settings()

    async with serving_metrics(settings, "web"):
        await until(lambda: is_open(settings.metrics_port), "the first process listened")
        replaced = serving_metrics(settings, "web")
        await replaced.__aenter__()
        await until(lambda: "Metrics are not served yet" in caplog.text, "the second one had tried")
    try:
        await until(lambda: is_open(settings.metrics_port), "the second process listened")
    finally:
        await replaced.__aexit__(None, None, None)

    assert caplog.text.count("Metrics are not served yet") == 1


def test_every_process_has_a_port_of_its_own(new_settings: NewSettings) -> None:
    settings = new_settings(web_processes=WEB_PROCESSES_MAX, metrics_port=8100)
    further = [metrics_port(each, kind) for each in web_processes_of(settings)[1:] for kind in ("web", "feed")]
    ports = [*further, *(metrics_port(settings, process) for process in PROCESSES)]

    assert len(set(ports)) == len(ports)
    assert set(ports) <= set(range(settings.metrics_port, settings.metrics_port + METRICS_PORTS))
    assert {worker.name for worker in WORKERS} <= set(PROCESSES)


def test_warnings_are_counted_and_other_records_are_not() -> None:
    growth = Growth()
    log, counter = logging.getLogger("test"), RecordCounter(logging.WARNING)
    log.addHandler(counter)

    log.info("fine")
    log.warning("strange")
    log.warning("strange")
    log.removeHandler(counter)

    assert growth.of("log_records_total", level="warning", logger="test") == 2
    assert growth.of("log_records_total", level="info", logger="test") == 0


async def test_the_disks_of_both_folders_are_measured(new_settings: NewSettings) -> None:
    await sample_disks(new_settings())
    samples = current()

    for folder in ("DATA_DIR", "LIVE_DIR"):
        free, size = (samples.get(f"disk_{what}_bytes", folder=folder) for what in ("free", "size"))
        assert free is not None
        assert size is not None
        assert 0 < free <= size


def test_the_table_in_the_documentation_is_complete() -> None:
    text = (Path(__file__).parents[2] / "docs/operating.md").read_text(encoding="utf-8")
    table = metrics_table()

    assert "\n".join(table) in text
    assert text.count("| `streaming_app_") == len(table) - len(HEAD)


def test_every_process_is_in_the_delivered_scrape_configuration() -> None:
    default = Settings.model_construct()

    assert {int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", scrape_config(DEFAULT_PORT))} == {
        metrics_port(default, process) for process in PROCESSES
    }
