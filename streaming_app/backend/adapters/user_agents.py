"""Describes browsers by their ``User-Agent`` header."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ua_parser import Parser

USER_AGENT_MAX = 400
"""Longer headers are not parsed. Those of browsers have up to 250 characters."""


def device_of(user_agent: str) -> str:
    """Return the browser and operating system, such as "Firefox on Linux"; empty if unknown."""
    if len(user_agent) > USER_AGENT_MAX:
        return ""
    browser, system = _parser().parse_user_agent(user_agent), _parser().parse_os(user_agent)
    return " on ".join(part.family for part in (browser, system) if part)


@cache
def _parser() -> "Parser":
    """Return a parser that compiles each pattern when it is first compared.

    The default parser compiles all 1,270, half of which find the model of a phone. While the first user of a process
    signs in, it would answer nobody for 0.3 s, and for seconds on a busy machine.
    """
    # Imported on first use, because a start of the site does not need it.
    from ua_parser import BasicResolver, Parser, load_lazy_builtins  # noqa: PLC0415

    return Parser(BasicResolver(load_lazy_builtins()))
