"""The state of the second step of a sign-in."""

from collections.abc import AsyncGenerator

import reflex as rx

from streaming_app.backend.errors import DomainError
from streaming_app.state import services
from streaming_app.state.account_forms import AccountForm, FormErrors
from streaming_app.state.page_commands import run_in_page

_SECRET_MAX = 100


class SecondStepState(AccountForm, rx.State):
    """The form for a code of the authenticator app, or a recovery code."""

    username: str = ""
    """The user who signs in; empty until the first step was checked."""
    invalid: str = ""
    """Why the sign-in cannot continue."""
    _secret: str = ""

    @rx.event
    def show(self) -> rx.event.EventSpec:
        """Reset the form when the page opens, and read the secret of the sign-in. The server sees no fragments."""
        self.errors, self.pending, self.username, self.invalid = FormErrors(), False, "", ""
        return run_in_page("readFragment", answer=SecondStepState.check_first_step)

    @rx.event
    async def check_first_step(self, secret: str) -> None:
        """Show who signs in, or that the sign-in has expired."""
        self._secret = secret[:_SECRET_MAX]
        try:
            self.username = (await services.current().second_steps.user_of(self._secret)).username
        except DomainError as refused:
            self.invalid = refused.public_message

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Check the code and sign in."""
        address, cookies = self.router.session.client_ip, self.router.headers.cookie
        ticket = services.current().second_steps.finish(self._secret, form.get("code", ""), address, cookies)
        async for event in self._sign_in_with(ticket):
            yield event
