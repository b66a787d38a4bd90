"""An action of a moderator in one process takes effect in all processes from the next message on."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.kafka import make_topics
from streaming_app.backend.bootstrap import Backend, now, open_backend
from streaming_app.backend.chat.model import ChatRules
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import ForbiddenError, InvalidError, RateLimitedError
from streaming_app.backend.events import CHAT_TOPIC
from tests.rig.kafka import Kafka

OLGA = User("u-olga", "Olga", "olga@example.com", "hash", now())
TROLL = User("u-troll", "troll", "troll@example.com", "hash", now())


@pytest.fixture
async def processes(kafka: Kafka, topic_prefix: str, mongo_url: str, tmp_path: Path) -> AsyncIterator[list[Backend]]:
    """Two processes that share a store and a broker. The first one archives."""
    await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=2, replication=1)
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "supervise": [],
            "secret_key": "k" * 40,
            "mongo_url": mongo_url,
            "kafka_bootstrap_servers": kafka.bootstrap_servers,
            "kafka_topic_prefix": topic_prefix,
            "chat_burst": 20,  # refused messages are counted, too
        }
    )
    async with AsyncExitStack() as stack:
        backends = [await stack.enter_async_context(open_backend(settings)) for _ in range(2)]
        chat_archiver = backends[0].chat_archiver
        await stack.enter_async_context(backends[0].bus.subscribe([CHAT_TOPIC], chat_archiver.handle, group="archiver"))
        for user in (OLGA, TROLL):
            await backends[0].store.users.add(user)
        yield backends


async def test_bans_rules_and_roles_apply_in_every_process_at_once(processes: list[Backend]) -> None:
    here, there = processes
    channel_id = (await here.channels.get_or_create(OLGA)).channel_id
    await there.chat.post(channel_id, TROLL.user_id, "hello")

    await here.moderation.ban(channel_id, OLGA.user_id, "troll", "spam")
    with pytest.raises(ForbiddenError, match=r"banned from this chat: spam"):
        await there.chat.post(channel_id, TROLL.user_id, "why?")

    await here.moderation.unban(channel_id, OLGA.user_id, "troll")
    await there.chat.post(channel_id, TROLL.user_id, "thanks")

    await here.chat_settings.set_rules(channel_id, OLGA.user_id, ChatRules(blocked_terms=("spam",)))
    with pytest.raises(InvalidError):
        await there.chat.post(channel_id, TROLL.user_id, "buy spam")

    await here.chat_settings.set_rules(channel_id, OLGA.user_id, ChatRules(slow_seconds=60))
    await here.chat.post(channel_id, TROLL.user_id, "one")
    with pytest.raises(RateLimitedError, match="Slow mode"):
        await there.chat.post(channel_id, TROLL.user_id, "two")

    await here.moderation.add_moderator(channel_id, OLGA.user_id, "troll")
    await there.chat.post(channel_id, TROLL.user_id, "spam and more, now that I may")
    await there.chat.post(channel_id, TROLL.user_id, "at once")
