"""Passkeys (WebAuthn): the data classes, the ports, and the rule where passkeys work."""

import hashlib
import ipaddress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.same_origin import Origin
from streaming_app.backend.errors import ConflictError


@dataclass(frozen=True, slots=True)
class Passkey:
    """The public part of a passkey. The private one never leaves the user's device or password manager."""

    passkey_id: str
    """The WebAuthn credential id, in base64url."""
    user_id: str
    name: str
    """The user's description of the passkey."""
    public_key: bytes
    sign_count: int
    """How often the device has used the key; always 0 for passkeys that are synchronized between devices."""
    added_at: datetime
    used_at: datetime | None = None
    """When it was last used to sign in."""

    @property
    def public_id(self) -> str:
        """A short identifier for pages. A ``passkey_id`` may have more than a thousand characters."""
        return hashlib.sha256(self.passkey_id.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site, as browsers and passkeys identify it."""

    domain: str
    """The passkeys work on this domain."""
    origin: str
    """Origin of the page, such as ``https://live.example.com``."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """A random value that a passkey has to sign. It belongs to one page, and is used once."""

    value: bytes = field(repr=False)
    expires_at: datetime
    options: str
    """What the browser needs, as the JSON of WebAuthn."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a browser returns when it has created a passkey."""

    passkey_id: str
    public_key: bytes
    sign_count: int


class Passkeys(Protocol):
    """The repository of passkeys."""

    async def add(self, passkey: Passkey) -> None:
        """Add a passkey; raises ``ConflictError`` if one with this id exists."""
        ...

    async def get(self, passkey_id: str) -> Passkey:
        """Raises ``NotFoundError``."""
        ...

    async def list_by_user(self, user_id: str) -> list[Passkey]:
        """Return a user's passkeys, newest first."""
        ...

    async def record_use(self, passkey_id: str, sign_count: int, used_at: datetime) -> bool:
        """Store a use if ``sign_count`` is higher than the stored one, or both are 0. Return whether it was."""
        ...

    async def remove_all_of(self, user_id: str) -> None:
        """Delete all passkeys of a user."""
        ...


class PasskeyVerifier(Protocol):
    """Creates the options for browsers, and verifies their answers. ``answer`` is JSON from a browser.

    All methods that take an answer raise ``ForbiddenError`` if it is invalid.
    """

    def registration_options(self, party: RelyingParty, user: User, challenge: bytes, known: list[Passkey]) -> str:
        """Return the options for a new passkey on a device that has none of the ``known`` ones."""
        ...

    def sign_in_options(self, party: RelyingParty, challenge: bytes, allowed: list[Passkey]) -> str:
        """Return the options for using one of the ``allowed`` passkeys, or any of the site if there are none."""
        ...

    def verify_registration(self, party: RelyingParty, challenge: bytes, answer: str) -> NewKey:
        """Verify the answer to ``registration_options``."""
        ...

    def passkey_id_of(self, answer: str) -> str:
        """Return the id of the passkey that made an answer to ``sign_in_options``, without verifying it."""
        ...

    def verify_sign_in(self, party: RelyingParty, challenge: bytes, answer: str, passkey: Passkey) -> int:
        """Verify the answer to ``sign_in_options``, and return the new sign count."""
        ...


def relying_party(page: Origin | None, public: Origin | None) -> RelyingParty:
    """Return the relying party of a page with this origin. ``public`` is the origin of ``PUBLIC_URL``.

    Raises ``ConflictError`` with the reason if browsers allow no passkeys on this page.
    """
    if page is None:
        raise ConflictError("Your browser does not say which site this is, so passkeys can't be used.")
    if public is not None and page.host != public.host:
        raise ConflictError(f"Passkeys work only on {public}.")
    if _is_ip_address(page.host):
        raise ConflictError("Passkeys need a domain name. They don't work on a site that is opened by its IP address.")
    if page.scheme != "https" and page.host != "localhost" and not page.host.endswith(".localhost"):
        raise ConflictError("Passkeys need an encrypted connection (https).")
    return RelyingParty(page.host, str(page))


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
