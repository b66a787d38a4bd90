"""Who sits at the other end of a connection, as far as counting goes."""

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
    """Someone who watches: a user, a browser or, where there is neither, a connection."""

    viewer_id: str
    """What the processes call them."""
    user_id: str = ""
    """Id of the user."""


class ViewerIdentifier:
    """Tells visitors apart by the cookies that they come with. ``key`` hides what is in the cookies."""

    def __init__(self, accounts: AccountService, key: bytes) -> None:
        self._accounts = accounts
        self._key = key

    async def identify(self, cookies: str) -> ViewerIdentity:
        """Whose cookies these are. While the store is away a user is only a browser."""
        if token := session_token_in(cookies):
            try:
                user = await self._accounts.verify(token)
            except (NotSignedInError, StoreUnavailableError):
                pass
            else:
                return ViewerIdentity(USER_PREFIX + user.username, user.user_id)
        secret = viewer_id_in(cookies) or uuid4().hex
        digest = hashlib.blake2b(secret.encode(), digest_size=_ID_BYTES, key=self._key).digest()
        return ViewerIdentity(base64.urlsafe_b64encode(digest).decode())
