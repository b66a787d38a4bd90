"""Counts what is asked of a port."""

from collections import Counter
from typing import Any


def counted(real: object, calls: Counter[str]) -> Any:
    """What does as ``real`` does, and counts its methods in ``calls`` by name."""
    return _Counted(real, calls)


class _Counted:
    def __init__(self, real: object, calls: Counter[str]) -> None:
        self._real = real
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        self._calls[name] += 1
        return getattr(self._real, name)
