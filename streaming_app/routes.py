"""Every address of the site, once. What takes a ``str`` takes a Var of one too."""

from urllib.parse import unquote

from reflex.vars import StringVar

HOME = "/"
REGISTER = "/register"
LOGIN = "/login"
STUDIO = "/studio"
CHANNEL = "/c/[slug]"

NEXT = "next"
"""The query parameter of ``LOGIN`` and ``REGISTER``: the path to come back to."""


def channel(slug: str | StringVar[str]) -> str | StringVar[str]:
    """A channel's permanent address."""
    return "/c/" + slug


def slug_of(path: str) -> str:
    """The slug in a channel's address."""
    return unquote(path.rstrip("/").rpartition("/")[2]).lower()


def login(back_to: str | StringVar[str]) -> str | StringVar[str]:
    """The sign-in page, which afterwards goes to the path ``back_to``."""
    return f"{LOGIN}?{NEXT}=" + back_to
