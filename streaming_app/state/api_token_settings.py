"""The state of the API tokens in the settings."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import reflex as rx

from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.model import ApiToken
from streaming_app.backend.accounts.token_scopes import SCOPE_DESCRIPTIONS, TokenScope
from streaming_app.backend.errors import DomainError, InvalidError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.page_commands import focus_first_error
from streaming_app.state.reauthentication import recent_user, refusal
from streaming_app.state.session import SessionState, acting_user_id

SCOPE_CHOICES = tuple((scope.value, SCOPE_DESCRIPTIONS[scope]) for scope in TokenScope)
"""The scopes that the form offers, each with its description."""


@dataclass(frozen=True)
class TokenView:
    """A token, without its secret."""

    token_id: str = ""
    name: str = ""
    scopes: list[str] = field(default_factory=list[str])
    created_at: str = ""
    """ISO 8601, UTC."""
    expires_at: str = ""
    """ISO 8601, UTC; empty if the token does not expire."""
    is_expired: bool = False
    last_used_at: str = ""
    """ISO 8601, UTC; empty if it was never used."""


@dataclass(frozen=True)
class TokenErrors:
    """The error of each field of the form for a new token."""

    name: str = ""
    scopes: str = ""
    lifetime: str = ""


class ApiTokenSettings(SessionState):
    """Lists, creates and revokes the user's API tokens."""

    tokens: list[TokenView] = []
    """Newest first."""
    is_loaded: bool = False
    secret: str = ""
    """Secret of the token that was just created. The secret is shown only once."""
    errors: TokenErrors = TokenErrors()
    version: str = ""
    """Changes when a token was created, so that the form is empty again."""

    @rx.event
    async def open(self) -> None:
        """Load the tokens; the list is empty for signed-out users."""
        self.secret, self.errors = "", TokenErrors()
        try:
            await self._show(await acting_user_id(self))
        except NotSignedInError:
            self.tokens = []

    @rx.event
    async def create(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Create a token and show its secret. Users whose sign-in is old are asked to authenticate again."""
        self.secret, self.errors = "", TokenErrors()
        scopes = [scope.value for scope in TokenScope if form.get(scope.value)]
        new = NewToken(form.get("name", ""), scopes, form.get("lifetime", ""))
        try:
            user_id = (await recent_user(self)).user_id
            self.secret = await services.current().api_tokens.create(user_id, new, self.router.session.client_ip)
            await self._show(user_id)
            self.version = str(self.tokens[0].token_id)
        except InvalidError as refused:
            self.errors = TokenErrors(**refused.fields)
            return focus_first_error()
        except DomainError as refused:
            return await refusal(self, refused, "create", form)
        return None

    @rx.event
    async def revoke(self, token_id: str) -> rx.event.EventSpec:
        """Revoke one of the user's tokens."""
        self.secret = ""
        try:
            user_id = await acting_user_id(self)
            await services.current().api_tokens.revoke(user_id, str(token_id), self.router.session.client_ip)
            await self._show(user_id)
        except DomainError as refused:
            return toast.error(refused.public_message)
        return toast.success("Token revoked.")

    async def _show(self, user_id: str) -> None:
        now = datetime.now(UTC)
        tokens = await services.current().api_tokens.list_by_user(user_id)
        self.tokens = [_view(token, now) for token in tokens]
        self.is_loaded = True


def _view(token: ApiToken, now: datetime) -> TokenView:
    return TokenView(
        token_id=token.token_id,
        name=token.name,
        scopes=list(token.scopes),
        created_at=token.created_at.isoformat(),
        expires_at=token.expires_at.isoformat() if token.expires_at else "",
        is_expired=token.is_expired(now),
        last_used_at=token.last_used_at.isoformat() if token.last_used_at else "",
    )
