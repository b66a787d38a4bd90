"""Crowds that come and go at once: the numbers are right, and who stays notices nothing."""

import asyncio
from uuid import uuid4

from streaming_app.backend.accounts.browser import SESSION_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import now
from tests.feed.client import FeedClient, connect, connected
from tests.feed.conftest import Site

CROWD = 100
ROUNDS = 5


async def _session(site: Site) -> dict[str, str]:
    unique = uuid4().hex
    user = User(unique, unique, f"{unique}@example.com", "", now())
    await site.backend.store.users.add(user)
    signed_in = await site.backend.accounts.redeem(await site.backend.accounts.issue_ticket(user))
    return {"Cookie": f"{SESSION_COOKIE}={signed_in.token}"}


async def test_many_signed_in_viewers_leave_in_the_same_instant_again_and_again(site: Site, channel_id: str) -> None:
    people = [await _session(site) for _ in range(CROWD)]

    async with connected(site.port, f"/feed/{channel_id}") as stays:
        for number in range(ROUNDS):
            crowd = await asyncio.gather(*(connect(site.port, f"/feed/{channel_id}", who) for who in people))
            await stays.until(lambda: stays.viewers == CROWD + 1)
            assert len(site.backend.audience.signed_in(channel_id, 2 * CROWD)) == CROWD

            for client in crowd:
                client.transport.disconnect(graceful=False)
            await site.say(channel_id, str(number))

            await stays.until(lambda: stays.viewers == 1)
            assert site.backend.audience.signed_in(channel_id, CROWD) == []
        await stays.until(lambda: len(stays.texts) == ROUNDS)
        assert stays.texts == [str(number) for number in range(ROUNDS)]


async def test_many_who_come_back_at_once_miss_nothing(site: Site, channel_id: str) -> None:
    await site.say(channel_id, *map(str, range(20)))
    first = await connect(site.port, f"/feed/{channel_id}")
    seen = first.messages[:10]
    target = f"/feed/{channel_id}?after={seen[-1]['cursor']}"

    coming = [connect(site.port, target, client=FeedClient(seen)) for _ in range(3 * CROWD)]
    crowd, _ = await asyncio.gather(asyncio.gather(*coming), site.say(channel_id, *map(str, range(20, 30))))

    for client in (first, *crowd):
        await client.until(lambda client=client: len(client.messages) == 30)
        assert client.messages == first.messages
    await first.until(lambda: first.viewers == 3 * CROWD + 1)
    for client in (first, *crowd):
        client.transport.disconnect(graceful=False)
        await client.is_gone()
