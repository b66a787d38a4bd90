"""API tokens, with which a user's programs act in the user's name. Users create, list and revoke their own tokens."""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from streaming_app.backend.accounts import policy
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.model import ApiToken, User
from streaming_app.backend.accounts.ports import ApiTokens, Users
from streaming_app.backend.accounts.secret_hash import hash_secret
from streaming_app.backend.accounts.token_scopes import clean_scopes, parse_lifetime
from streaming_app.backend.errors import ConflictError, InvalidError, LeavingError, NotFoundError, NotSignedInError
from streaming_app.backend.text_cleaning import check_length, visible_line

PREFIX = "sat_"
"""Prefix of all secrets, so that secret scanners recognize them."""
TOKENS_MAX = 10
NAME_MAX = 40
_INVALID = "This API token is invalid or was revoked."
USED_PRECISION = timedelta(minutes=5)
"""How exactly the last use of a token is known. So a token in use writes to the store once in this time."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """The fields of the form for a new token, as the user entered them."""

    name: str
    scopes: Collection[str]
    lifetime: str
    """A key of ``TOKEN_LIFETIMES``."""


class ApiTokenService:
    """The use cases of API tokens. Only a hash of the secret is stored, so a lost token must be replaced."""

    def __init__(self, users: Users, tokens: ApiTokens, now: Callable[[], datetime], audit_log: AuditLog) -> None:
        self._users = users
        self._tokens = tokens
        self._now = now
        self._audit_log = audit_log

    async def create(self, user_id: str, form: NewToken, address: str = "") -> str:
        """Create a token and return its secret, which is shown once. ``address`` is the client's, for the audit log.

        Raises ``InvalidError``, which names every wrong field, or ``ConflictError`` if the user has too many tokens.
        """
        name, _, _ = policy.clean_all(
            partial(_clean_name, form.name),
            lambda: " ".join(clean_scopes(form.scopes)),
            lambda: str(parse_lifetime(form.lifetime)),
        )
        user, now, lifetime = await self._users.get(user_id), self._now(), parse_lifetime(form.lifetime)
        await self._tokens_of(user)
        secret = PREFIX + secrets.token_urlsafe(32)
        token = ApiToken(
            token_id=uuid4().hex,
            user_id=user_id,
            name=name,
            token_hash=hash_secret(secret),
            created_at=now,
            scopes=clean_scopes(form.scopes),
            expires_at=now + lifetime if lifetime else None,
            generation=user.token_generation,
        )
        if not await self._tokens.add(token, TOKENS_MAX):
            raise ConflictError(f"You have {TOKENS_MAX} tokens already. Revoke one that you no longer use.")
        details = f"{name} ({', '.join(token.scopes)})"
        await self._audit_log.record(AuditAction.API_TOKEN_CREATED, by_user(user, address), details=details)
        return secret

    async def list_by_user(self, user_id: str) -> list[ApiToken]:
        """Return the user's tokens, newest first, also expired ones."""
        return await self._tokens_of(await self._users.get(user_id))

    async def _tokens_of(self, user: User) -> list[ApiToken]:
        """Return the user's tokens, and delete those that a reset of the password has ended."""
        tokens = await self._tokens.list_by_user(user.user_id)
        for ended in [token for token in tokens if token.generation != user.token_generation]:
            await self._tokens.remove(user.user_id, ended.token_id)
        return [token for token in tokens if token.generation == user.token_generation]

    async def revoke(self, user_id: str, token_id: str, address: str = "") -> None:
        """Revoke one of the user's tokens; do nothing if it does not exist.

        ``address`` is the client's, for the audit log.
        """
        for token in await self._tokens.list_by_user(user_id):
            if token.token_id == token_id:
                await self._tokens.remove(user_id, token_id)
                user = await self._users.get(user_id)
                await self._audit_log.record(AuditAction.API_TOKEN_REVOKED, by_user(user, address), details=token.name)

    async def verify(self, secret: str) -> tuple[User, ApiToken]:
        """Return the user of this token and the token.

        Raises ``NotSignedInError`` if the token is unknown or has expired, ``LeavingError`` if the account will be
        deleted, and ``ForbiddenError`` if its user is banned from the site.
        """
        now = self._now()
        try:
            token = await self._tokens.get_by_hash(hash_secret(secret))
            user = await self._users.get(token.user_id)
        except NotFoundError:
            raise NotSignedInError(_INVALID) from None
        if token.generation != user.token_generation:
            raise NotSignedInError(_INVALID)
        if token.is_expired(now):
            raise NotSignedInError("This API token has expired. Create a new one in the settings.")
        if user.deletes_at:
            raise LeavingError(user.username, user.deletes_at)
        policy.may_use_site(user)
        if token.last_used_at is None or abs(now - token.last_used_at) >= USED_PRECISION:
            await self._tokens.set_used(token.token_id, now)
        return user, token


def _clean_name(name: str) -> str:
    line = visible_line(name)
    if not line:
        raise InvalidError("name", "Enter a name, such as “quiz bot”.")
    return check_length(line, NAME_MAX, "name")
