"""Checks the servers that the settings name: Kafka, Redis and SMTP."""

from collections.abc import Sequence
from datetime import UTC, datetime

from redis.exceptions import AuthenticationError, RedisError

from streaming_app.backend.adapters.kafka import KafkaUnreachableError, topics_with_other_retention
from streaming_app.backend.adapters.redis_probe import read_redis_time
from streaming_app.backend.adapters.smtp_mailer import MailServerError, check_mail_server
from streaming_app.backend.config import Settings
from streaming_app.backend.doctor.findings import Finding, ok, refused, warning, wrong
from streaming_app.backend.doctor.stores import compare_clock
from streaming_app.backend.errors import SetupError
from streaming_app.backend.failure_causes import cause_of


async def check_kafka(settings: Settings) -> Sequence[Finding]:
    """Check that Kafka answers, and that all topics exist and have the settings of the site."""
    if not settings.kafka_bootstrap_servers:
        return ok("Kafka", "KAFKA_BOOTSTRAP_SERVERS is not set: the bus is in the web process.")
    try:
        others = await topics_with_other_retention(
            settings.kafka_bootstrap_servers, settings.kafka_topic_prefix, settings.kafka_retention
        )
    except (KafkaUnreachableError, TimeoutError):
        return wrong("Kafka", "Kafka does not answer.", "Start it, or correct KAFKA_BOOTSTRAP_SERVERS.")
    except SetupError as unusable:
        what, _, how = str(unusable).partition(": ")
        return wrong("Kafka topics", f"{what}.", how) if how else refused("Kafka topics", unusable)
    if others:
        return warning(
            "Kafka topics",
            f"Kafka does not keep the messages of {', '.join(others)} for KAFKA_RETENTION.",
            "Run: python -m streaming_app.backend topics.",
        )
    return ok("Kafka", "Kafka answers, and its topics have the right settings.")


async def check_redis(settings: Settings) -> Sequence[Finding]:
    """Check that Redis answers, if it is used."""
    if not settings.redis_url:
        return ok("Redis", "REDIS_URL is not set.")
    asked = datetime.now(UTC)
    try:
        theirs = await read_redis_time(settings.redis_url.get_secret_value())
    except AuthenticationError:
        return wrong("Redis", "Redis refuses the user name or password in REDIS_URL.", "Correct REDIS_URL.")
    except (RedisError, OSError, TimeoutError, ValueError) as failed:
        return wrong("Redis", f"Redis does not answer ({cause_of(failed)}).", "Start it, or correct REDIS_URL.")
    return [*ok("Redis", "Redis answers."), *compare_clock("Redis", theirs, asked)]


async def check_smtp(settings: Settings, timeout_seconds: float) -> Sequence[Finding]:
    """Check that the mail server accepts a connection and the password, without sending a mail."""
    if not settings.smtp_url:
        return ok("mail", "SMTP_URL is not set: the site sends no mail.")
    try:
        await check_mail_server(settings.smtp_url.get_secret_value(), timeout_seconds)
    except MailServerError as failed:
        return wrong("mail", str(failed), "Correct SMTP_URL, or ask the operator of the mail server.")
    return ok("mail", "The mail server answers.")
