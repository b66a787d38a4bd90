"""Pages that replace a page of the site which cannot be shown now. They reload when it can, and load nothing else."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from streaming_app.backend.content_security_policy import notice_policy

TEMPLATES = Path(__file__).resolve().parents[2] / "rtmp"


@dataclass(frozen=True, slots=True)
class Notice:
    """What such a page says, and when it reloads."""

    title: str
    text: str
    pause_ms: int = 1000
    """Pause before each check whether the site answers, in milliseconds."""
    spread_ms: int = 0
    """At most this is added to the pause, at random, so that waiting clients do not all retry at once."""
    refused_from: int = 500
    """The lowest HTTP status after which the page continues to wait."""


STARTING = Notice("Back in a moment", "The site is starting. This page reloads automatically when it is ready.")
TROUBLE = Notice("Back in a moment", "We're having trouble. This page reloads automatically when it is ready.")
FULL = Notice(
    "The site is full",
    "Too many people are here right now. This page reloads automatically when there is room.",
    pause_ms=8000,
    spread_ms=8000,
)
TOO_MANY_REQUESTS = Notice(
    "Too many requests",
    "Too many requests came from your network in a short time. This page reloads automatically in a moment.",
    pause_ms=8000,
    spread_ms=8000,
    refused_from=429,
)


@dataclass(frozen=True, slots=True)
class NoticePage:
    """A rendered page."""

    html: str
    policy: str
    """Its Content-Security-Policy, which allows its script."""


@cache
def render_notice(notice: Notice) -> NoticePage:
    """Render the page of ``notice``."""
    templates = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
    html = templates.get_template("notice.html.template").render(
        title=notice.title,
        text=notice.text,
        pause_ms=notice.pause_ms,
        spread_ms=notice.spread_ms,
        refused_from=notice.refused_from,
    )
    return NoticePage(html, notice_policy(html.encode()))
