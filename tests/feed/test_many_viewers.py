"""Many viewers who connect or leave at once: the counts are correct, and other viewers are not disturbed."""

import asyncio

from tests.feed.conftest import Site, new_user, sign_in
from tests.rig.feed_client import FeedClient, connect, connected

CROWD = 100
ROUNDS = 5


async def test_many_signed_in_viewers_can_leave_at_once_repeatedly(site: Site, channel_id: str) -> None:
    people = [{"Cookie": await sign_in(site.backend, await new_user(site.backend))} for _ in range(CROWD)]

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


async def test_many_viewers_who_reconnect_at_once_miss_nothing(site: Site, channel_id: str) -> None:
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
