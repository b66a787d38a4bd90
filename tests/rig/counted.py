"""Counting the calls of a port's methods."""

from collections import Counter
from typing import Any


def counted(real: object, calls: Counter[str]) -> Any:
    """Return a wrapper of ``real`` that counts calls of its methods in ``calls``, by method name."""
    return _Counted(real, calls)


class _Counted:
    def __init__(self, real: object, calls: Counter[str]) -> None:
        self._real = real
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        self._calls[name] += 1
        return getattr(self._real, name)
