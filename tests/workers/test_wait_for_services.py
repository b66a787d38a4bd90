"""Processes that wait for MongoDB, Kafka and Redis, as in containers."""

import asyncio
import logging
from pathlib import Path

import pytest

from streaming_app.backend.adapters.kafka import make_topics
from streaming_app.backend.adapters.mongo import connection
from streaming_app.backend.config import Settings
from streaming_app.backend.wait_for_services import wait_for_services
from tests.rig.conditions import until
from tests.rig.kafka import Kafka
from tests.rig.mongo import Mongo, with_database
from tests.rig.redis import Redis


async def test_a_process_waits_for_each_service_and_says_so_once(
    tmp_path: Path,
    kafka: Kafka,
    topic_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(connection, "SERVER_SELECTION_MS", 500)
    mongo, redis = Mongo(tmp_path / "mongo"), Redis(tmp_path / "redis")
    (tmp_path / "redis").mkdir()
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path / "data",
            "secret_key": "k" * 32,
            "mongo_url": with_database(mongo.url, "site"),
            "kafka_bootstrap_servers": kafka.bootstrap_servers,
            "kafka_topic_prefix": topic_prefix,
            "redis_url": redis.url,
        }
    )
    caplog.set_level(logging.WARNING)
    waiting = asyncio.create_task(wait_for_services(settings, pause_seconds=0.05))
    try:
        await until(lambda: "MongoDB" in caplog.text, "it waited for MongoDB")
        await asyncio.to_thread(mongo.start)
        await until(lambda: "Kafka has no topic" in caplog.text, "it waited for the topics")
        await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=1, replication=1)
        await until(lambda: "REDIS_URL" in caplog.text, "it waited for Redis")
        await asyncio.to_thread(redis.start)
        await waiting
    finally:
        waiting.cancel()
        mongo.kill()
        redis.kill()

    said = [record for record in caplog.records if "wait_for_services" in record.name]
    assert 3 <= len(said) <= 5, "a line for each service and reason"
