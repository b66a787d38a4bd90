"""Counting the calls of a port's methods."""

from collections import Counter
from typing import Any


def count_calls(real: object, calls: Counter[str]) -> Any:
    """Return a wrapper of ``real`` that counts calls of its methods in ``calls``, by method name."""
    return _CallCounter(real, calls)


class _CallCounter:
    def __init__(self, real: object, calls: Counter[str]) -> None:
        self._real = real
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        self._calls[name] += 1
        return getattr(self._real, name)
