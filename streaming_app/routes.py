"""Every address of the site, once. Builders take plain values or Vars."""

import reflex as rx

HOME = "/"
REGISTER = "/register"
LOGIN = "/login"
STUDIO = "/studio"
CHANNEL = "/c/[slug]"

NEXT = "next"
"""The query parameter of ``LOGIN`` and ``REGISTER``: the path to come back to."""


def channel(slug: str | rx.Var[str]) -> str | rx.Var[str]:
    """A channel's permanent address."""
    return "/c/" + slug


def slug_of(path: str) -> str:
    """The slug in a channel's address."""
    return path.rstrip("/").rpartition("/")[2].lower()


def login(back_to: str | rx.Var[str]) -> str | rx.Var[str]:
    """The sign-in page, which afterwards goes to the path ``back_to``."""
    return f"{LOGIN}?{NEXT}=" + back_to
