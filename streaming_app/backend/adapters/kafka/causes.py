"""Says in words why Kafka failed."""

from aiokafka.errors import (
    AuthenticationFailedError,
    CommitFailedError,
    IllegalStateError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NodeNotReadyError,
    RequestTimedOutError,
)

from streaming_app.backend import failure_causes

_WORDS: dict[type[KafkaError], str] = {
    KafkaTimeoutError: failure_causes.NO_ANSWER,
    RequestTimedOutError: failure_causes.NO_ANSWER,
    KafkaConnectionError: "no broker accepts connections",
    NodeNotReadyError: "no broker accepts connections",
    AuthenticationFailedError: "Kafka refuses the user name or password",
    CommitFailedError: "another consumer has them",
    IllegalStateError: "another consumer has them",
}


def cause_of(failure: BaseException) -> str:
    """Return the cause in words, as ``failure_causes.cause_of`` does."""
    for kind, words in _WORDS.items():
        if isinstance(failure, kind):
            return words
    if isinstance(failure, KafkaError) and (described := getattr(failure, "description", "")):
        return str(described).rstrip(".")
    return failure_causes.cause_of(failure)
