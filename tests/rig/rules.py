"""Checks of rules that refuse by raising an error."""

from collections.abc import Callable
from typing import ParamSpec

from streaming_app.backend.errors import DomainError

Arguments = ParamSpec("Arguments")


def allows(rule: Callable[Arguments, object], *arguments: Arguments.args, **named: Arguments.kwargs) -> bool:
    """Whether ``rule`` accepts these arguments, that is, raises no ``DomainError``."""
    try:
        rule(*arguments, **named)
    except DomainError:
        return False
    return True
