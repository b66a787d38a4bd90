"""Tokens with which a user's programs act for them: made, listed and revoked by their owner."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from streaming_app.backend.accounts.model import ApiToken, User
from streaming_app.backend.accounts.ports import ApiTokens, Users
from streaming_app.backend.errors import ConflictError, InvalidError, NotFoundError, NotSignedInError
from streaming_app.backend.text import visible_line

PREFIX = "sat_"
"""Of every secret, so that scanners of published code know one when they see it."""
TOKENS_MAX = 10
NAME_MAX = 40


class ApiTokenService:
    """The use cases of API tokens. Only a hash of the secret is kept: who loses it makes another one."""

    def __init__(self, users: Users, tokens: ApiTokens, now: Callable[[], datetime]) -> None:
        self._users = users
        self._tokens = tokens
        self._now = now

    async def create(self, user_id: str, name: str) -> str:
        """A new token's secret, which is shown once; raises ``InvalidError`` or ``ConflictError``."""
        line = visible_line(name)
        if not line:
            raise InvalidError("name", "Enter a name, such as “quiz bot”.")
        if len(line) > NAME_MAX:
            raise InvalidError("name", f"Use {NAME_MAX} characters or fewer. You entered {len(line)}.")
        if len(await self._tokens.list_by_user(user_id)) >= TOKENS_MAX:
            raise ConflictError(f"You have {TOKENS_MAX} tokens already. Revoke one that you no longer use.")
        secret = PREFIX + secrets.token_urlsafe(32)
        await self._tokens.add(ApiToken(uuid4().hex, user_id, line, _hash(secret), self._now()))
        return secret

    async def list_by_user(self, user_id: str) -> list[ApiToken]:
        """The user's tokens, newest first."""
        return await self._tokens.list_by_user(user_id)

    async def revoke(self, user_id: str, token_id: str) -> None:
        """End one of the user's tokens; one that is gone already is fine."""
        await self._tokens.remove(user_id, token_id)

    async def verify(self, secret: str) -> User:
        """Whose token this is; raises ``NotSignedInError``."""
        try:
            return await self._users.get((await self._tokens.get_by_hash(_hash(secret))).user_id)
        except NotFoundError:
            raise NotSignedInError from None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
