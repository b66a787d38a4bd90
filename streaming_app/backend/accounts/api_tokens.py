"""API tokens, with which a user's programs act in the user's name. Users create, list and revoke their own tokens."""

import secrets
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.model import ApiToken, User
from streaming_app.backend.accounts.ports import ApiTokens, Users
from streaming_app.backend.accounts.secret_hash import hash_secret
from streaming_app.backend.errors import ConflictError, InvalidError, NotFoundError, NotSignedInError
from streaming_app.backend.text_cleaning import visible_line

PREFIX = "sat_"
"""Prefix of all secrets, so that secret scanners recognize them."""
TOKENS_MAX = 10
NAME_MAX = 40


class ApiTokenService:
    """The use cases of API tokens. Only a hash of the secret is stored, so a lost token must be replaced."""

    def __init__(self, users: Users, tokens: ApiTokens, now: Callable[[], datetime], audit_log: AuditLog) -> None:
        self._users = users
        self._tokens = tokens
        self._now = now
        self._audit_log = audit_log

    async def create(self, user_id: str, name: str, address: str = "") -> str:
        """Create a token and return its secret, which is shown once; raises ``InvalidError`` or ``ConflictError``.

        ``address`` is the client's, for the audit log.
        """
        line = visible_line(name)
        if not line:
            raise InvalidError("name", "Enter a name, such as “quiz bot”.")
        if len(line) > NAME_MAX:
            raise InvalidError("name", f"Use {NAME_MAX} characters or fewer. You entered {len(line)}.")
        if len(await self._tokens.list_by_user(user_id)) >= TOKENS_MAX:
            raise ConflictError(f"You have {TOKENS_MAX} tokens already. Revoke one that you no longer use.")
        secret = PREFIX + secrets.token_urlsafe(32)
        await self._tokens.add(ApiToken(uuid4().hex, user_id, line, hash_secret(secret), self._now()))
        user = await self._users.get(user_id)
        await self._audit_log.record(AuditAction.API_TOKEN_CREATED, by_user(user, address), details=line)
        return secret

    async def list_by_user(self, user_id: str) -> list[ApiToken]:
        """Return the user's tokens, newest first."""
        return await self._tokens.list_by_user(user_id)

    async def revoke(self, user_id: str, token_id: str, address: str = "") -> None:
        """Revoke one of the user's tokens; do nothing if it does not exist.

        ``address`` is the client's, for the audit log.
        """
        for token in await self._tokens.list_by_user(user_id):
            if token.token_id == token_id:
                await self._tokens.remove(user_id, token_id)
                user = await self._users.get(user_id)
                await self._audit_log.record(AuditAction.API_TOKEN_REVOKED, by_user(user, address), details=token.name)

    async def verify(self, secret: str) -> User:
        """Return the user of this token; raises ``NotSignedInError``."""
        try:
            return await self._users.get((await self._tokens.get_by_hash(hash_secret(secret))).user_id)
        except NotFoundError:
            raise NotSignedInError from None
