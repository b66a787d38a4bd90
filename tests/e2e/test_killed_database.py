"""A database that is killed while the site runs on Kafka and MongoDB. This site is used by one test only."""

import asyncio
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.e2e.kafka_site import running_kafka_site
from tests.rig.kafka import running_kafka
from tests.rig.mongo import Mongo, running_mongo, with_database
from tests.rig.site import Site


@pytest.fixture(scope="module")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongo]:
    """The site's own database server."""
    with running_mongo(tmp_path_factory.mktemp("mongo")) as server:
        yield server


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, site_ports: dict[str, int], database_server: Mongo
) -> Iterator[Site]:
    """The site on the database that the test kills."""
    database = with_database(database_server.url, "site")
    with (
        running_kafka(tmp_path_factory.mktemp("kafka")) as broker,
        running_kafka_site(tmp_path_factory.mktemp("site"), site_ports, broker, database) as site,
    ):
        yield site


async def test_a_killed_database_is_reported_and_the_site_recovers_with_it(
    site: Site, new_person: NewPerson, name: str, database_server: Mongo
) -> None:
    """The server keeps everything in memory, so the data is lost. The site recovers without it."""
    person, stranger = await new_person(), await new_person()
    await person.register_by_form(name)
    await person.go(f"/c/{name}")
    await stranger.go("/login")

    database_server.kill()
    await stranger.sign_in(name)
    await expect(stranger.page.locator(".form__error")).to_contain_text("having trouble")
    await person.go(f"/c/{name}")
    await expect(person.page.get_by_text("We're having trouble.")).to_be_visible()
    assert not site.answers()
    database_server.start()
    await asyncio.to_thread(site.wait_until_up)

    await expect(person.page.get_by_role("heading", name="There is no such channel")).to_be_visible()
    await stranger.register_by_form(name)
    await stranger.go(f"/c/{name}")
    await stranger.say_until_accepted("back again")
    await expect(stranger.chat_lines()).to_have_text(["back again"])
    assert "Traceback" not in site.process.output()
