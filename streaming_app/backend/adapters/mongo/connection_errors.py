"""Converts connection failures of MongoDB to ``StoreUnavailableError``."""

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    ServerSelectionTimeoutError,
)

from streaming_app.backend.adapters.outage_reporter import OutageReporter
from streaming_app.backend.failure_causes import NO_ANSWER, cause_of

P = ParamSpec("P")
T = TypeVar("T")


def _words(failure: Exception) -> str:
    match failure:
        case ServerSelectionTimeoutError():
            return "no server can be reached"
        case NetworkTimeout() | ExecutionTimeout():
            return NO_ANSWER
        case NotPrimaryError():
            return "no server is the primary"
        case AutoReconnect():
            return "the connection was lost"
        case _:
            return cause_of(failure)


_outages = OutageReporter("MongoDB", (ConnectionFailure,), (), _words)


def reporting_outages(adapter: type[T]) -> type[T]:
    """Class decorator: public coroutine methods raise ``StoreUnavailableError`` if no server responds."""
    for name, method in vars(adapter).items():
        if inspect.iscoroutinefunction(method) and not name.startswith("_"):
            setattr(adapter, name, _reporting(method))
    return adapter


def _reporting(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    @wraps(method)
    async def asked(*arguments: P.args, **named: P.kwargs) -> T:
        with _outages.watch():
            return await method(*arguments, **named)

    return asked
