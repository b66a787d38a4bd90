"""Work that ends in the middle of a method, like the death of its process."""

from collections.abc import Awaitable, Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")


class DiedError(BaseException):
    """Ends the work. No ``except Exception`` catches it."""


def dying_after(waits: int, work: Coroutine[Any, Any, T]) -> Awaitable[T]:
    """Await ``work``, and raise ``DiedError`` when it wants to wait for the time number ``waits`` + 1.

    Whatever that wait was for, such as a statement of a database, has begun by then and takes effect.
    """
    return _Dying(waits, work)


class _Dying(Awaitable[T]):
    def __init__(self, waits: int, work: Coroutine[Any, Any, T]) -> None:
        self._waits = waits
        self._work = work

    def __await__(self) -> Generator[Any, None, T]:
        inner = self._work.__await__()
        for done in range(self._waits + 1):
            try:
                pending = next(inner)
            except StopIteration as finished:
                return finished.value
            yield pending
            if done == self._waits:
                self._work.close()
                raise DiedError
        raise AssertionError
