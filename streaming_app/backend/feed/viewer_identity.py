"""Identifies viewers by their cookies, to count each viewer once."""

import base64
import hashlib
from dataclasses import dataclass
from uuid import uuid4

from streaming_app.backend.accounts.cookies import session_token_in, viewer_id_in
from streaming_app.backend.accounts.service import AccountService
from streaming_app.backend.errors import NotSignedInError, StoreUnavailableError
from streaming_app.backend.streams.audience import USER_PREFIX

_ID_BYTES = 9


@dataclass(frozen=True, slots=True)
class ViewerIdentity:
    """A viewer: a signed-in user, a browser, or a single connection without cookies."""

    viewer_id: str
    """Id for counting, the same in all processes."""
    user_id: str = ""
    """Id of the user; empty for an anonymous viewer."""


class ViewerIdentifier:
    """Derives viewer ids from cookies. ``key`` is the key of the hash, so that ids do not reveal the cookies."""

    def __init__(self, accounts: AccountService, key: bytes) -> None:
        self._accounts = accounts
        self._key = key

    async def identify(self, cookies: str) -> ViewerIdentity:
        """Return the viewer who has these cookies. During an outage of the store, a user counts as a browser."""
        if token := session_token_in(cookies):
            try:
                user = await self._accounts.sessions.verify(token)
            except (NotSignedInError, StoreUnavailableError):
                pass
            else:
                return ViewerIdentity(USER_PREFIX + user.username, user.user_id)
        secret = viewer_id_in(cookies) or uuid4().hex
        digest = hashlib.blake2b(secret.encode(), digest_size=_ID_BYTES, key=self._key).digest()
        return ViewerIdentity(base64.urlsafe_b64encode(digest).decode())
