"""Every address of the site, once. What takes a ``str`` takes a Var of one too."""

from urllib.parse import unquote

from reflex.vars import StringVar

from streaming_app.backend.media.recordings.addresses import RECORDINGS
from streaming_app.backend.streams.playback import CHANNELS

HOME = "/"
REGISTER = "/register"
LOGIN = "/login"
STUDIO = "/studio"
CHANNEL = f"{CHANNELS}[slug]"
RECORDING = f"{CHANNEL}{RECORDINGS}[recording_id]"
CHAT = f"{CHANNEL}/chat"
OVERLAY = f"{CHANNEL}/overlay"
MODERATION = f"{CHANNEL}/moderation"

NEXT = "next"
"""The query parameter of ``LOGIN`` and ``REGISTER``: the path to come back to."""


def channel(slug: str | StringVar[str]) -> str | StringVar[str]:
    """A channel's permanent address."""
    return CHANNELS + slug


def recording(slug: str | StringVar[str], recording_id: str | StringVar[str]) -> str | StringVar[str]:
    """A recording's permanent address."""
    return channel(slug) + RECORDINGS + recording_id


def recording_of(path: str) -> tuple[str, str]:
    """Slug and id in a recording's address."""
    channel_path, _, recording_id = path.rstrip("/").rpartition(RECORDINGS)
    return slug_of(channel_path), unquote(recording_id)


def chat(slug: str | StringVar[str]) -> str | StringVar[str]:
    """A channel's chat as a page of its own."""
    return channel(slug) + "/chat"


def overlay(slug: str | StringVar[str]) -> str | StringVar[str]:
    """A channel's chat to lay over the picture of its stream."""
    return channel(slug) + "/overlay"


def moderation(slug: str | StringVar[str]) -> str | StringVar[str]:
    """Where a channel's chat is kept in order."""
    return channel(slug) + "/moderation"


def slug_of(path: str) -> str:
    """The slug in an address of a channel or of something of it; empty in any other."""
    return unquote(path.removeprefix(CHANNELS).partition("/")[0]).lower()


def login(back_to: str | StringVar[str]) -> str | StringVar[str]:
    """The sign-in page, which afterwards goes to the path ``back_to``."""
    return f"{LOGIN}?{NEXT}=" + back_to


def register(back_to: str | StringVar[str]) -> str | StringVar[str]:
    """The page that makes an account and afterwards goes to the path ``back_to``."""
    return f"{REGISTER}?{NEXT}=" + back_to
