"""The development mailbox of a site with several web processes, which share it in Redis."""

from datetime import UTC, datetime

import pytest

from streaming_app.backend.accounts.mails import Mail
from streaming_app.backend.adapters.development_mailbox import MAILS_MAX, DevelopmentMailbox, KeptMail
from streaming_app.backend.adapters.redis_mails import RedisMails
from tests.rig.redis import Redis

URL = "http://localhost:8080"
AT = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def two_processes(own_redis: Redis) -> list[DevelopmentMailbox]:
    return [DevelopmentMailbox(URL, lambda: AT, RedisMails(own_redis.url)) for _ in range(2)]


def mail(number: int) -> Mail:
    return Mail(f"Mail {number}", "text", "<p>html")


async def test_each_process_shows_the_mails_of_all(two_processes: list[DevelopmentMailbox]) -> None:
    for number, process in enumerate(two_processes):
        await process.send("ann@example.com", mail(number))

    kept = [KeptMail(AT, "ann@example.com", mail(number)) for number in (1, 0)]
    assert [await process.newest() for process in two_processes] == [kept, kept]


async def test_the_oldest_mails_of_all_processes_are_forgotten(two_processes: list[DevelopmentMailbox]) -> None:
    for number in range(MAILS_MAX + 2):
        await two_processes[number % 2].send("ann@example.com", mail(number))

    newest = await two_processes[0].newest()
    assert [kept.mail for kept in newest] == [mail(number) for number in range(MAILS_MAX + 1, 1, -1)]


async def test_while_redis_is_away_and_after_it_each_process_shows_its_own_mails(
    two_processes: list[DevelopmentMailbox], own_redis: Redis
) -> None:
    own_redis.kill()
    for number, process in enumerate(two_processes):
        assert await process.send("ann@example.com", mail(number))

    shown = [[kept.mail for kept in await process.newest()] for process in two_processes]
    assert shown == [[mail(0)], [mail(1)]]
    own_redis.start()
    assert [kept.mail for kept in await two_processes[0].newest()] == [mail(0)]
