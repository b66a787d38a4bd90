"""The state of the API tokens in the studio. The user's programs post chat messages with these tokens."""

from dataclasses import dataclass

import reflex as rx

from streaming_app.backend.errors import DomainError, InvalidError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.page_commands import reset_form
from streaming_app.state.reauthentication import recent_user, refusal
from streaming_app.state.session import SessionState, acting_user_id

NEW_BOT_FORM = "bots-form"


@dataclass(frozen=True)
class TokenView:
    """A token, without its secret."""

    token_id: str = ""
    name: str = ""
    created_at: str = ""
    """ISO 8601, UTC."""


class StudioTokens(SessionState):
    """Lists, creates and revokes the user's API tokens."""

    tokens: list[TokenView] = []
    """Newest first."""
    secret: str = ""
    """Secret of the token that was just created. The secret is shown only once."""
    name_error: str = ""

    @rx.event
    async def open(self) -> None:
        """Load the tokens; the list is empty for signed-out users."""
        self.secret = self.name_error = ""
        try:
            await self._show(await acting_user_id(self))
        except NotSignedInError:
            self.tokens = []

    @rx.event
    async def create(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Create a token and show its secret."""
        self.secret = self.name_error = ""
        try:
            user_id = (await recent_user(self)).user_id
            self.secret = await services.current().api_tokens.create(
                user_id, form.get("name", ""), self.router.session.client_ip
            )
            await self._show(user_id)
            return reset_form(NEW_BOT_FORM)
        except InvalidError as refused:
            self.name_error = refused.public_message
        except DomainError as refused:
            return refusal(self, refused)
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
        tokens = await services.current().api_tokens.list_by_user(user_id)
        self.tokens = [TokenView(token.token_id, token.name, token.created_at.isoformat()) for token in tokens]
