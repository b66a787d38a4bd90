"""The URL paths of the site. Functions that take a ``str`` also accept a Var of a string."""

from urllib.parse import quote, unquote

from reflex.vars import StringVar

from streaming_app.backend.accounts.account_mails import (
    EMAIL_PAGE,
    FORGOT_PAGE,
    MAILBOX_PAGE,
    REGISTRATION_PAGE,
    RESET_PAGE,
)
from streaming_app.backend.accounts.providers import pages
from streaming_app.backend.accounts.session_service import SECOND_STEP_PAGE
from streaming_app.backend.media.recordings.urls import RECORDINGS
from streaming_app.backend.streams.urls import CHANNELS

HOME = "/"
REGISTER = "/register"
SECOND_STEP = SECOND_STEP_PAGE
LOGIN = pages.LOGIN_PAGE
FINISH_SIGN_IN = pages.FINISH_PAGE
FORGOT_PASSWORD = FORGOT_PAGE
RESET_PASSWORD = RESET_PAGE
FINISH_REGISTRATION = REGISTRATION_PAGE
CONFIRM_EMAIL = EMAIL_PAGE
MAILBOX = MAILBOX_PAGE
CONFIRM = pages.CONFIRM_PAGE
SETTINGS = pages.SETTINGS_PAGE
PROFILE = f"{SETTINGS}/profile"
EMAIL = f"{SETTINGS}/email"
SECURITY = f"{SETTINGS}/security"
AUTHENTICATOR = f"{SECURITY}/authenticator-app"
API_TOKENS = f"{SETTINGS}/tokens"
DATA = f"{SETTINGS}/data"
EXPORT = "/api/account/export"
"""The download of the user's data, served by the API."""
DEVELOPERS = "/developers"
API_DOCUMENT = "/api/v1/openapi.json"
LINKED_ACCOUNTS = pages.LINKED_ACCOUNTS_PAGE
REPORTS = f"{SETTINGS}/reports"
STUDIO = "/studio"
CHANNEL = f"{CHANNELS}[slug]"
RECORDING = f"{CHANNEL}{RECORDINGS}[recording_id]"
CHAT = f"{CHANNEL}/chat"
OVERLAY = f"{CHANNEL}/overlay"
MODERATION = f"{CHANNEL}/moderation"
REPORT = f"{CHANNEL}/report"
ADMIN = "/admin"
ADMIN_USERS = f"{ADMIN}/users/"
ADMIN_USER = f"{ADMIN_USERS}[account]"
ADMIN_REPORTS = f"{ADMIN}/reports"
ADMIN_STREAMS = f"{ADMIN}/streams"
ADMIN_STREAMERS = f"{ADMIN}/streamers"
ADMIN_INVITATIONS = f"{ADMIN}/invitations"
ADMIN_LOG = f"{ADMIN}/log"

MESSAGE = "message"
"""Query parameter of ``REPORT`` with the id of a message."""
PROBLEM, PROVIDER = pages.PROBLEM, pages.PROVIDER
"""Query parameters of ``LOGIN`` and ``LINKED_ACCOUNTS`` after a sign-in with a provider did not work."""
NEXT = pages.NEXT
"""Query parameter of ``LOGIN``, ``REGISTER`` and ``CONFIRM`` with the path to return to."""
RESUMED = "resumed"
"""Query parameter of a page to which the user returns from ``CONFIRM``: the key of the action to continue."""
CHANGED = "changed"
"""Query parameter of ``SECURITY`` after the password was changed."""


def channel(slug: str | StringVar[str]) -> str | StringVar[str]:
    """Return the path of a channel's watch page."""
    return CHANNELS + slug


def recording(slug: str | StringVar[str], recording_id: str | StringVar[str]) -> str | StringVar[str]:
    """Return the path of a recording's page."""
    return channel(slug) + RECORDINGS + recording_id


def recording_of(path: str) -> tuple[str, str]:
    """Return the channel's slug and the recording's id in the path of a recording."""
    channel_path, _, recording_id = path.rstrip("/").rpartition(RECORDINGS)
    return slug_of(channel_path), unquote(recording_id)


def chat(slug: str | StringVar[str]) -> str | StringVar[str]:
    """Return the path of a channel's pop-out chat."""
    return channel(slug) + "/chat"


def overlay(slug: str | StringVar[str]) -> str | StringVar[str]:
    """Return the path of a channel's chat overlay."""
    return channel(slug) + "/overlay"


def moderation(slug: str | StringVar[str]) -> str | StringVar[str]:
    """Return the path of a channel's moderation page."""
    return channel(slug) + "/moderation"


def report(slug: str | StringVar[str]) -> str | StringVar[str]:
    """Return the path of the page that reports a channel, or one of its messages with the parameter ``MESSAGE``."""
    return channel(slug) + "/report"


def admin_user(name: str | StringVar[str]) -> str | StringVar[str]:
    """Return the path of the page about a user, for staff."""
    return ADMIN_USERS + name


def slug_of(path: str) -> str:
    """Return the slug in the path of a channel or of one of its pages; empty for other paths."""
    return unquote(path.removeprefix(CHANNELS).partition("/")[0]).lower()


def login(back_to: str | StringVar[str]) -> str | StringVar[str]:
    """Return the path of the sign-in page, which then redirects to the path ``back_to``."""
    return f"{LOGIN}?{NEXT}=" + back_to


def register(back_to: str | StringVar[str]) -> str | StringVar[str]:
    """Return the path of the registration page, which then redirects to the path ``back_to``."""
    return f"{REGISTER}?{NEXT}=" + back_to


def confirm(back_to: str) -> str:
    """Return the path of the page that asks for the password again, and then redirects to the path ``back_to``."""
    return f"{CONFIRM}?{NEXT}={quote(back_to)}"
