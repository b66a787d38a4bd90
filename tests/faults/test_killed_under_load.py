"""A part is killed while users write: accepted messages are archived once, and readers see each message once."""

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import now
from tests.faults.conftest import FaultySite
from tests.rig.conditions import until, until_async
from tests.rig.feed_reader import Reader, reading

READERS = 10
RATE = 50.0
COUNT = 200


@pytest.mark.parametrize("victim", ["web process", "archiver", "broker"])
async def test_acknowledged_messages_are_not_lost_and_readers_see_no_duplicates_or_gaps(
    site: FaultySite, victim: str
) -> None:
    unique = uuid4().hex
    owner = User(unique, f"ada{unique[:8]}", f"{unique}@example.com", "", now())
    channel_id = (await site.backend.channels.get_or_create(owner)).channel_id
    ports = [web.feed_port for web in site.webs]
    readers = [Reader(ports, channel_id, seed) for seed in range(READERS)]
    async with reading(readers):
        talking = [asyncio.create_task(web.talk(channel_id, RATE, COUNT)) for web in site.webs]
        await until(lambda: len(site.taken) >= COUNT // 2, "a quarter was said")
        if victim == "broker":
            site.broker.kill()
            site.broker.start()
        else:
            program = site.webs[0] if victim == "web process" else site.archiver
            program.process.kill()
            program.start()
        await asyncio.gather(*talking)
        before = len(site.taken)
        await asyncio.gather(*(web.talk(channel_id, RATE, 20) for web in site.webs))
        assert len(site.taken) - before == 40

        async def is_archived() -> bool:
            archive = await site.backend.chat.recent(channel_id, 10 * COUNT)
            return set(site.taken) <= {message.text for message in archive}

        await until_async(is_archived, "all that was taken was archived")
        archive = await site.backend.chat.recent(channel_id, 10 * COUNT)
        ids = [message.message_id for message in archive]
        await until(lambda: all(reader.ids[-1:] == ids[-1:] for reader in readers), "all had read the last message")

    assert [text for text, times in Counter(m.text for m in archive).items() if times > 1] == []
    assert [reader.ids for reader in readers] == [ids] * READERS
    assert victim != "web process" or sum(reader.welcomes for reader in readers) > READERS
