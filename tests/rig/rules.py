"""Asks rules that refuse by raising."""

from collections.abc import Callable
from typing import ParamSpec

from streaming_app.backend.errors import DomainError

Arguments = ParamSpec("Arguments")


def allows(rule: Callable[Arguments, object], *arguments: Arguments.args, **named: Arguments.kwargs) -> bool:
    """Whether ``rule`` returns with these arguments instead of raising a ``DomainError``."""
    try:
        rule(*arguments, **named)
    except DomainError:
        return False
    return True
