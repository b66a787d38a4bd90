"""Describes browsers by their ``User-Agent`` header."""

USER_AGENT_MAX = 400
"""Longer headers are not parsed. Those of browsers have up to 250 characters."""


def device_of(user_agent: str) -> str:
    """Return the browser and operating system, such as "Firefox on Linux"; empty if unknown."""
    # Imported on first use: the patterns take half a second to load, which a start of the site does not need.
    from ua_parser import parse  # noqa: PLC0415

    parsed = parse(user_agent) if len(user_agent) <= USER_AGENT_MAX else None
    browser = parsed and parsed.user_agent and parsed.user_agent.family
    system = parsed and parsed.os and parsed.os.family
    return " on ".join(part for part in (browser, system) if part)
