"""Converts connection failures of MongoDB to ``StoreUnavailableError``."""

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from pymongo.errors import ConnectionFailure

from streaming_app.backend.adapters.outage_reporter import OutageReporter

P = ParamSpec("P")
T = TypeVar("T")

_outages = OutageReporter("MongoDB", (ConnectionFailure,), ())


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
