"""The site as its users start it, and browsers of its visitors."""

from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from streaming_app.backend.streams.model import Latency
from tests.conftest import NewContext
from tests.e2e.default_site import DefaultSite
from tests.e2e.people import Person
from tests.rig.mail_server import MailServer, running_mail_server
from tests.rig.ports import HOST
from tests.rig.scaled_site import scaled_sites
from tests.rig.site import Site, choose_ports
from tests.rig.site_accounts import create_account

NewPerson = Callable[..., Awaitable[Person]]

_numbers = count(1)

SHARED_SITE, OWN_SITE = 0, 3
"""The turns of modules that share a site, and of those with sites of their own."""
TURNS = {
    "test_event_websocket": -1,  # reads the log of the shared site, which other modules have not filled yet
    "test_killed_processes": 1,  # kills parts of the shared site
    "test_supervision": 2,  # ends the shared site
    "test_reflex_run": 4,  # changes the built pages, so the next site to start would build them again
}
"""The turns of modules that need a certain one. Modules with the same turn run in alphabetical order."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the browser tests by turns. Those that share a site run before the others, so that it is started once."""
    places = [place for place, item in enumerate(items) if Path(__file__).parent in item.path.parents]
    ordered = sorted((items[place] for place in places), key=_turn)
    for place, item in zip(places, ordered, strict=True):
        items[place] = item


def _turn(item: pytest.Item) -> int:
    has_own_site = isinstance(item, pytest.Function) and "site_ports" in item.fixturenames
    return TURNS.get(item.path.stem, OWN_SITE if has_own_site else SHARED_SITE)


@pytest.fixture(scope="session", autouse=True)
def several_web_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run all sites with several web processes if TEST_WEB_PROCESSES is set."""
    with scaled_sites(tmp_path_factory.mktemp("scaled")):
        yield


@pytest.fixture(scope="session")
def default_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DefaultSite]:
    """The site that modules without a site of their own share."""
    shared = DefaultSite(tmp_path_factory.mktemp("site"), choose_ports())
    yield shared
    shared.stop()


@pytest.fixture(scope="module")
def site_ports(default_site: DefaultSite) -> dict[str, int]:
    """The free ports of a module's own site. All sites have the same ones: the pages are built for one front door."""
    default_site.stop()
    return default_site.ports


@pytest.fixture(scope="module")
def site(default_site: DefaultSite) -> Site:
    """The site that the tests use. Modules that need other settings have one of their own."""
    return default_site.running()


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    """The mail server of a site that sends mail."""
    with running_mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def mail_settings(site_ports: dict[str, int], mail_server: MailServer) -> dict[str, str]:
    """The settings of a site that sends its mails to ``mail_server``."""
    return {
        "SMTP_URL": f"smtp://{HOST}:{mail_server.port}",
        "MAIL_FROM": "The site <noreply@live.example.com>",
        "PUBLIC_URL": f"http://{HOST}:{site_ports['HTTP_PORT']}",
    }


@pytest_asyncio.fixture(loop_scope="session")
async def new_person(site: Site, new_context: NewContext) -> NewPerson:
    """A factory of browsers, each for one more person."""

    async def person(**options: object) -> Person:
        context = await new_context(**options)
        return Person(site, context, await context.new_page())

    return person


@pytest.fixture
def name() -> str:
    """A username that no other test of this run uses."""
    return f"ann{next(_numbers)}"


@pytest_asyncio.fixture(loop_scope="session")
async def viewer(new_person: NewPerson) -> Person:
    return await new_person()


@pytest_asyncio.fixture(loop_scope="session")
async def realtime_address(site: Site, name: str) -> str:
    """The RTMP URL of a new channel in real time, which has the address ``/c/{name}``."""
    return f"{site.rtmp_url}/{(await create_account(site, name, Latency.REALTIME)).stream_key}"


@pytest.fixture
def encoder_log(tmp_path: Path) -> Path:
    """Path of ffmpeg's log."""
    return tmp_path / "encoder.log"
