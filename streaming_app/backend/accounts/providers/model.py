"""The data classes of sign-in with providers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from streaming_app.backend.accounts.model import User


@dataclass(frozen=True, slots=True)
class Identity:
    """An account at a provider, with which a user signs in here. Each user has at most one for each provider."""

    provider: str
    """The provider's id in the settings."""
    subject: str
    """The provider's id of the account. Unlike an email, it never changes and is never given to somebody else."""
    user_id: str
    label: str
    """The email or name at the provider, by which the user recognizes the account."""
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """What a provider tells about the account that has just signed in there."""

    subject: str
    email: str = ""
    email_verified: bool = False
    """Whether the provider states that the account's owner receives mail at ``email``."""
    name: str = ""
    authenticated_at: datetime | None = None
    """When the user entered a password, or the like, at the provider; ``None`` if the provider does not say."""


class Purpose(StrEnum):
    """What a sign-in is for. The value is a query parameter of the path that starts it."""

    SIGN_IN = ""
    LINK = "link"
    """A signed-in user links an account."""
    CONFIRM = "confirm"
    """A signed-in user authenticates again."""


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """The part of a sign-in that is stored while the user is on the provider's pages."""

    state_hash: str
    browser_hash: str
    """The hash of the cookie of the browser that started the sign-in. Only this browser may finish it."""
    provider: str
    nonce: str
    code_verifier: str
    next_path: str
    link_to: str
    """The id of the signed-in user who wants to link an account; empty for another purpose."""
    expires_at: datetime
    confirms: str = ""
    """The id of the signed-in user who authenticates again; empty for another purpose."""

    @property
    def purpose(self) -> Purpose:
        """What the sign-in is for."""
        if self.link_to:
            return Purpose.LINK
        return Purpose.CONFIRM if self.confirms else Purpose.SIGN_IN


@dataclass(frozen=True, slots=True)
class PendingIdentity:
    """A verified identity that belongs to no user yet: its owner chooses a username, or links it to an account."""

    secret_hash: str
    provider: str
    subject: str
    label: str
    email: str
    email_verified: bool
    user_id: str
    """The id that a new user gets. A registration that was interrupted can continue with it."""
    link_to: str
    """The id of the only user who may link the identity; empty if any user may."""
    next_path: str
    expires_at: datetime


class SignInProblem(StrEnum):
    """Why a sign-in with a provider did not work. The value is a query parameter of the page that explains it."""

    FAILED = "failed"
    """The provider does not answer, or its answer is invalid."""
    DECLINED = "declined"
    """The user did not agree on the provider's page."""
    EXPIRED = "expired"
    """The attempt is unknown, too old, or belongs to another browser."""
    LINKED_ELSEWHERE = "linked-elsewhere"
    """The identity is linked to another user."""
    OTHER_ACCOUNT = "other-account"
    """The user who authenticates again has not linked the identity."""
    NOT_AGAIN = "not-again"
    """The provider has not asked the user, who wants to authenticate again, to sign in there."""
    BANNED = "banned"
    TOO_MANY = "too-many"


@dataclass(frozen=True, slots=True)
class FinishedAttempt:
    """The result of a sign-in with a provider. At most one of ``user``, ``pending_secret`` and ``problem`` is set."""

    next_path: str
    purpose: Purpose = Purpose.SIGN_IN
    user: User | None = None
    """The user whose identity it is."""
    pending_secret: str = ""
    """The secret of the stored ``PendingIdentity``."""
    problem: SignInProblem | None = None
