"""Faults of MongoDB, Kafka, Redis and the mail server that ``doctor`` finds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pymongo import MongoClient

from streaming_app.backend.adapters.kafka import make_topics
from streaming_app.backend.adapters.mongo.restore_marker import mark_restore, unmark_restore
from streaming_app.backend.adapters.mongo.schema_version import SCHEMA
from streaming_app.backend.doctor.stores import compare_clock
from tests.rig.doctor import examine
from tests.rig.kafka import Kafka
from tests.rig.mail_server import running_mail_server
from tests.rig.ports import HOST, free_port
from tests.rig.redis import Redis

SECRET_KEY = "k" * 40
SOON = ("--timeout", "10")
"""Options for a server that never answers: the check waits for it until this time has passed."""


def test_an_unreachable_mongodb_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    url = f"mongodb://ann:password-of-ann@{HOST}:{free_port()}/site"

    report = examine(tmp_path, {**installation, "MONGO_URL": url, "SECRET_KEY": SECRET_KEY}, *SOON)

    assert report.level("store") == "wrong"
    assert report.message("store").startswith(f"MongoDB at {HOST}:")
    assert report.message("store").endswith(" does not answer.")
    assert "password-of-ann" not in str(report)


async def test_an_unfinished_restore_into_mongodb_is_found(
    tmp_path: Path, installation: dict[str, str], mongo_url: str
) -> None:
    settings = {**installation, "MONGO_URL": mongo_url, "SECRET_KEY": SECRET_KEY}

    await mark_restore(mongo_url, "b" * 64)
    begun = examine(tmp_path, settings)
    await unmark_restore(mongo_url)

    assert begun.level("store") == "wrong"
    assert begun.message("store").endswith(" has a backup that is not restored completely.")
    assert begun.fix("store") == "Repeat `restore`."
    assert examine(tmp_path, settings).level("store") == "warning", "a single server"


def test_a_newer_schema_of_mongodb_is_found(tmp_path: Path, installation: dict[str, str], mongo_url: str) -> None:
    with MongoClient[dict[str, object]](mongo_url) as client:
        client.get_default_database()[SCHEMA].insert_one({"_id": SCHEMA, "version": 1_000})

    report = examine(tmp_path, {**installation, "MONGO_URL": mongo_url, "SECRET_KEY": SECRET_KEY})

    assert report.level("store") == "wrong"
    assert "it was created by a newer version of this program (schema 1000, supported: " in str(report)


def test_a_single_mongodb_server_is_a_warning(tmp_path: Path, installation: dict[str, str], mongo_url: str) -> None:
    report = examine(tmp_path, {**installation, "MONGO_URL": mongo_url, "SECRET_KEY": SECRET_KEY})

    assert report.level("store") == "warning"
    assert report.message("store").startswith("MongoDB is a single server: ")
    assert report.level("clock of MongoDB") == "ok"


async def test_topics_are_checked(
    tmp_path: Path, installation: dict[str, str], mongo_url: str, kafka: Kafka, topic_prefix: str
) -> None:
    scaled = {
        **installation,
        "MONGO_URL": mongo_url,
        "SECRET_KEY": SECRET_KEY,
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "KAFKA_TOPIC_PREFIX": topic_prefix,
    }

    missing = examine(tmp_path, scaled)
    await make_topics(kafka.bootstrap_servers, topic_prefix, retention=timedelta(days=1))
    other = examine(tmp_path, scaled)
    right = examine(tmp_path, {**scaled, "KAFKA_RETENTION": "86400"})

    assert missing.level("Kafka topics") == "wrong"
    assert missing.message("Kafka topics").startswith(f"Kafka has no topic {topic_prefix}")
    assert missing.fix("Kafka topics") == "run `python -m streaming_app.backend topics` first."
    assert other.level("Kafka topics") == "warning"
    assert f"{topic_prefix}streaming.chat.v1" in other.message("Kafka topics")
    assert right.level("Kafka") == "ok"


def test_an_unreachable_kafka_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    report = examine(tmp_path, {**installation, "KAFKA_BOOTSTRAP_SERVERS": f"{HOST}:{free_port()}"} | _mongo(), *SOON)

    assert report.message("Kafka") == "Kafka does not answer."


def test_a_frozen_redis_is_found(tmp_path: Path, installation: dict[str, str], own_redis: Redis) -> None:
    settings = {**installation, "REDIS_URL": own_redis.url}

    healthy = examine(tmp_path, settings)
    with own_redis.frozen():
        frozen = examine(tmp_path, settings, "--timeout", "3")

    assert healthy.level("Redis") == healthy.level("clock of Redis") == "ok"
    assert frozen.level("Redis") == "wrong"
    assert frozen.message("Redis") == "There was no answer within 3 s."


def test_a_web_process_on_another_machine_that_does_not_answer_is_found(
    tmp_path: Path, installation: dict[str, str], own_redis: Redis
) -> None:
    answering, silent = own_redis.url.rpartition("/")[0].removeprefix("redis://"), f"{HOST}:{free_port()}"
    upstreams = {"WEB_UPSTREAMS": f"{answering}, {silent}", "FEED_UPSTREAMS": answering}

    report = examine(tmp_path, {**installation, **upstreams})

    assert report.level("settings") == "wrong", "Kafka, MongoDB and Redis are missing"
    assert report.message("WEB_UPSTREAMS") == f"Nothing answers at {silent}."
    assert "FEED_UPSTREAMS" not in report.faults


def test_an_unreachable_mail_server_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    with running_mail_server() as server:
        settings = {
            **installation,
            "SMTP_URL": f"smtp://{HOST}:{server.port}",
            "MAIL_FROM": "The site <noreply@live.example.com>",
            "PUBLIC_URL": "http://live.example.com",
        }
        assert examine(tmp_path, settings).faults == {}
        assert server.mails == []

    report = examine(tmp_path, settings)

    assert report.level("mail") == "wrong"
    assert report.message("mail") == "The mail server does not answer: the connection was refused."


def test_a_clock_that_is_minutes_off_is_a_warning() -> None:
    now = datetime.now(UTC)

    [ahead] = compare_clock("MongoDB", now + timedelta(minutes=5), now)
    [behind] = compare_clock("MongoDB", now - timedelta(seconds=3), now)
    [slow_answer] = compare_clock("MongoDB", now - timedelta(seconds=1), now - timedelta(seconds=60))

    assert ahead.level == behind.level == "warning"
    assert behind.message == "The clocks of this machine and of MongoDB differ by 3 s."
    assert slow_answer.level == "ok"


def _mongo() -> dict[str, str]:
    return {"MONGO_URL": f"mongodb://{HOST}:{free_port()}/site", "SECRET_KEY": SECRET_KEY}
