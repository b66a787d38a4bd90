"""Fixtures of the whole suite: servers, started when a test first needs them, and a browser for tests that need one.

Tests with a browser share it, so they run in one event loop. Every other test has an event loop of its own.
Fixtures with session scope are synchronous and only start processes, except the browser.
"""

import os
import signal
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext

from tests.rig import chromium, mongo, processes
from tests.rig.kafka import Kafka, running_kafka
from tests.rig.log_scan import secrets_in, secrets_in_logs
from tests.rig.ports import free_port
from tests.rig.redis import Redis, running_redis

NewContext = Callable[..., Awaitable[BrowserContext]]

MONGO_SERVERS = ["mongo-java-server", *(["real-mongodb"] if os.environ.get("TEST_MONGO_URL") else [])]
FAILED = pytest.StashKey[bool]()
SECRETS = pytest.StashKey[list[str]]()
"""The lines of logs that contain a secret."""

hypothesis.settings.register_profile("here", deadline=None, database=None)  # some machines are slow
hypothesis.settings.load_profile("here")


def pytest_configure() -> None:
    """Let SIGTERM end the run as Ctrl-C does: with a report of the failures until then."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests with a browser in one event loop. Asynchronous fixtures that only they use name the same loop."""
    for item in items:
        if isinstance(item, pytest.Function) and "shared_browser" in item.fixturenames:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Add the ends of the logs of running processes to the report of a failed test."""
    report: pytest.TestReport = yield
    if report.failed:
        item.stash[FAILED] = True
        report.sections.extend((f"Log of {process.name}", process.tail()) for process in processes.running)
    else:
        found = secrets_in("\n".join(text for title, text in report.sections if title.startswith("Captured log")))
        item.config.stash.setdefault(SECRETS, []).extend(f"{item.nodeid}, line {line}: {name}" for line, name in found)
    return report


@pytest.fixture(scope="session", autouse=True)
def find_secrets_in_logs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fail at the end of the run if a log contains a secret: of a server, or of the process that runs the tests."""
    yield
    foreign = [log for log, name in processes.logs.items() if name in {"ffmpeg", "oidc-provider"}]
    found = request.config.stash.get(SECRETS, []) + secrets_in_logs(tmp_path_factory.getbasetemp(), foreign)
    assert found == [], "\n".join(["Secrets in logs:", *found])


@pytest.fixture(scope="session", autouse=True)
def avoid_default_ports() -> Iterator[None]:
    """Keep tests away from a site on the default ports, because a test's reaper would disconnect its publishers."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NGINX_ADMIN_PORT", "PACKAGER_PORT"):
            patch.setenv(name, str(free_port()))
        patch.setenv("METRICS_PORT", "0")
        yield


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker for all tests. Each test has its own topic prefix. Tests that kill the broker use `own_kafka`."""
    with running_kafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Kafka]:
    """A broker for one test, which may stop and kill it."""
    with running_kafka(tmp_path / "kafka") as broker:
        yield broker


@pytest.fixture
def topic_prefix() -> str:
    """A prefix that separates the topics of one test from those of others."""
    return f"{_unique('t')}."


@pytest.fixture(scope="session")
def mongo_java_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of the in-memory MongoDB server, without a database."""
    with mongo.running_mongo(tmp_path_factory.mktemp("mongo")) as server:
        yield server.url


@pytest.fixture
def own_mongo(tmp_path: Path) -> Iterator[mongo.Mongo]:
    """An in-memory MongoDB server for one test, which may kill it and start it again without data."""
    with mongo.running_mongo(tmp_path / "mongo") as server:
        yield server


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis server for one test, which may freeze it, kill it and start it again without data."""
    with running_redis(tmp_path / "redis") as server:
        yield server


@pytest.fixture(params=MONGO_SERVERS)
def mongo_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of an empty database, deleted after the test. With TEST_MONGO_URL, tests also run on that server."""
    is_real = request.param == "real-mongodb"
    server = os.environ["TEST_MONGO_URL"] if is_real else request.getfixturevalue("mongo_java_server")
    url = mongo.with_database(server, _unique("test"))
    yield url
    mongo.drop_database(url)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_browser() -> AsyncIterator[chromium.SharedBrowser]:
    """The Chromium of all tests."""
    shared = chromium.SharedBrowser()
    yield shared
    await shared.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(shared_browser: chromium.SharedBrowser) -> AsyncIterator[Browser]:
    """A Chromium without contexts. Those that the test opens are closed at its end."""
    browser = await shared_browser.get()
    yield browser
    for context in browser.contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def new_context(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NewContext]:
    """A factory of browser contexts, which share nothing.

    If the test fails, screenshots of all pages are saved. A violation of a page's Content-Security-Policy is a failure.
    """
    contexts: list[BrowserContext] = []
    violations: list[list[str]] = []

    async def open_context(**options: Any) -> BrowserContext:
        contexts.append(await browser.new_context(**options))
        violations.append(chromium.collect_policy_violations(contexts[-1]))
        return contexts[-1]

    yield open_context
    if request.node.stash.get(FAILED, False):
        saved = await chromium.save_screenshots(contexts, tmp_path / "screenshots")
        print("Screenshots:", *saved)  # noqa: T201 - pytest shows it with the failure
    assert [line for lines in violations for line in lines] == [], "a page violated its Content-Security-Policy"


def _unique(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:12]}"
