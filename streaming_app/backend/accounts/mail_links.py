"""Links in mails that register an account, or confirm, change or restore the email of an account."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from streaming_app.backend.accounts.secret_hash import hash_secret
from streaming_app.backend.errors import NotFoundError

LINK_LIFETIME = timedelta(hours=24)
REVERT_LIFETIME = timedelta(days=7)
"""How long the former email of an account can be restored. Longer than the link to the new one is valid."""
EXPIRED = "This link is no longer valid: it was used, has expired, or was replaced by another one."

_PURPOSE = "mail-link:"


class MailLinkKind(StrEnum):
    """What a link does. The values are stored, so they must not change."""

    REGISTER = "register"
    """Creates an account for ``email``."""
    CONFIRM = "confirm"
    """Confirms that ``email`` belongs to the user."""
    CHANGE = "change"
    """Confirms ``email`` and makes it the email of the user, instead of ``replaced``."""
    REVERT = "revert"
    """Restores ``email``, the former email of the user."""


@dataclass(frozen=True, slots=True)
class MailLink:
    """A link that was sent by mail. Only a hash of its secret is stored."""

    link_hash: str
    kind: MailLinkKind
    email: str
    created_at: datetime
    expires_at: datetime
    user_id: str = ""
    """Id of the account, also of one that the link will create; empty in such links of earlier versions."""
    username: str = ""
    """The username of the account that the link creates; empty otherwise."""
    replaced: str = ""
    invitation_hash: str = ""
    """Of the invitation with which the account is created; empty if none is needed."""


class MailLinks(Protocol):
    """The repository of unused links."""

    async def add(self, link: MailLink) -> None:
        """Store a link until it is removed or expires."""
        ...

    async def get(self, link_hash: str, now: datetime) -> MailLink:
        """Raises ``NotFoundError`` if the link is unknown, removed or expired."""
        ...

    async def remove(self, link_hash: str) -> None:
        """Delete a link; do nothing if it does not exist."""
        ...

    async def remove_all_of(
        self, user_id: str, *, kind: MailLinkKind | None = None, since: datetime | None = None, keep: str = ""
    ) -> None:
        """Delete the links of a user, except the one with the hash ``keep``.

        ``kind`` restricts this to one kind, and ``since`` to links that were created at that time or later.
        """
        ...


def new_link(
    kind: MailLinkKind,
    email: str,
    now: datetime,
    *,
    user_id: str = "",
    username: str = "",
    replaced: str = "",
    invitation_hash: str = "",
) -> tuple[str, MailLink]:
    """Return a new secret and its link."""
    secret = secrets.token_urlsafe(32)
    lifetime = REVERT_LIFETIME if kind is MailLinkKind.REVERT else LINK_LIFETIME
    link_hash = hash_secret(secret, _PURPOSE)
    link = MailLink(link_hash, kind, email, now, now + lifetime, user_id, username, replaced, invitation_hash)
    return secret, link


async def find_link(links: MailLinks, secret: str, now: datetime) -> MailLink:
    """Return the link with this secret; raises ``NotFoundError`` with a message for users."""
    try:
        return await links.get(hash_secret(secret, _PURPOSE), now)
    except NotFoundError:
        raise NotFoundError(EXPIRED) from None
