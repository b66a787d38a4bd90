"""Running something in the middle of a use case, right after one of its calls of a port."""

from collections.abc import Awaitable, Callable
from typing import Any


def interrupted(port: object, method: str, meanwhile: Callable[[], Awaitable[None]]) -> Any:
    """Wrap ``port``. After each call of ``method``, run ``meanwhile`` before returning the result."""
    return _Interrupted(port, method, meanwhile)


class _Interrupted:
    def __init__(self, port: object, method: str, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self._port = port
        self._method = method
        self._meanwhile = meanwhile

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)
        if name != self._method:
            return call

        async def call_then_run(*arguments: Any, **named: Any) -> Any:
            answer = await call(*arguments, **named)
            await self._meanwhile()
            return answer

        return call_then_run
