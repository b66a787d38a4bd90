"""The states of deleting an account: the form in the settings, and the button that keeps the account."""

from collections.abc import AsyncGenerator

import reflex as rx

from streaming_app import routes
from streaming_app.backend.accounts.cookies import session_token_in
from streaming_app.backend.errors import DomainError, InvalidError
from streaming_app.state import services, toast
from streaming_app.state.page_commands import focus_first_error
from streaming_app.state.reauthentication import recent_user, refusal
from streaming_app.state.session import SessionState, refresh_user


class DeleteAccountState(rx.State):
    """The form that asks for the deletion of the account."""

    error: str = ""
    pending: bool = False
    is_loaded: bool = False
    days: int = 0
    """How many days pass between the request and the deletion."""
    deletes_at: str = ""
    """When the account will be deleted (ISO 8601), after the request; the user is signed out then."""

    @rx.event
    def show(self) -> None:
        """Reset the form when the page opens."""
        self.is_loaded = True
        self.error, self.pending, self.deletes_at = "", False, ""
        self.days = services.current().account_data.deletion.delay.days

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Ask for the deletion, which signs the user out everywhere."""
        self.error, self.pending = "", True
        yield None
        token, address = session_token_in(self.router.headers.cookie), self.router.session.client_ip
        try:
            await recent_user(self)
            deletion = services.current().account_data.deletion
            self.deletes_at = (await deletion.request(token, form.get("username", ""), address)).isoformat()
        except InvalidError as refused:
            self.error = refused.public_message
            yield focus_first_error()
        except DomainError as refused:
            yield await refusal(self, refused, "submit", form)
        self.pending = False


class KeepAccountState(rx.State):
    """The button that cancels the deletion of the account."""

    @rx.event
    async def keep(self) -> AsyncGenerator[rx.event.EventSpec]:
        """Keep the account of the session. The user is signed in again."""
        token, address = session_token_in(self.router.headers.cookie), self.router.session.client_ip
        try:
            await services.current().account_data.deletion.keep(token, address)
        except DomainError as refused:
            yield toast.error(refused.public_message)
        else:
            yield toast.success("Your account stays. Your channel is visible again.")
            yield rx.redirect(routes.HOME)
        await refresh_user(await self.get_state(SessionState))
