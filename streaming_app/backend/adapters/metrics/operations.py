"""Measures operations of the store and the event bus where their adapters implement them."""

from collections.abc import Callable, Coroutine
from dataclasses import fields, replace
from functools import partial, wraps
from inspect import iscoroutinefunction
from time import perf_counter
from typing import Any, TypeVar, cast

from prometheus_client import Counter, Histogram

from streaming_app.backend.adapters.metrics.definitions import BUS_OUTAGES, BUS_SECONDS, STORE_OUTAGES, STORE_SECONDS
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import BusUnavailableError, StoreUnavailableError

AnyStore = TypeVar("AnyStore", bound=Store)
Operation = TypeVar("Operation", bound=Callable[..., Coroutine[Any, Any, Any]])


def measured_store(store: AnyStore) -> AnyStore:
    """Return ``store`` with repositories that measure each operation, which is named ``repository.method``."""
    return replace(store, **{each.name: _Repository(each.name, getattr(store, each.name)) for each in fields(store)})


def measured_bus(operation: str) -> Callable[[Operation], Operation]:
    """Return a decorator that measures an operation of a bus."""
    return partial(_timed, seconds=BUS_SECONDS.labels(operation), outages=BUS_OUTAGES, outage=BusUnavailableError)


class _Repository:
    """Passes everything on to a repository, and measures its coroutines."""

    def __init__(self, name: str, repository: object) -> None:
        self._name = name
        self._repository = repository

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._repository, name)
        if iscoroutinefunction(value):
            value = _timed(value, STORE_SECONDS.labels(f"{self._name}.{name}"), STORE_OUTAGES, StoreUnavailableError)
            setattr(self, name, value)  # the next call finds it without ``__getattr__``
        return value


def _timed(call: Operation, seconds: Histogram, outages: Counter, outage: type[Exception]) -> Operation:
    @wraps(call)
    async def timed(*args: Any, **kwargs: Any) -> Any:
        started = perf_counter()
        try:
            return await call(*args, **kwargs)
        except outage:
            outages.inc()
            raise
        finally:
            seconds.observe(perf_counter() - started)

    return cast("Operation", timed)
