"""The state of the sign-in form."""

from collections.abc import AsyncGenerator

import reflex as rx

from streaming_app.state import services
from streaming_app.state.passkey_sign_in import PasskeyForm


class LoginState(PasskeyForm, rx.State):
    """The sign-in form."""

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Sign in with the submitted login and password."""
        address, cookies = self.router.session.client_ip, self.router.headers.cookie
        ticket = services.current().accounts.sign_in(form.get("login", ""), form.get("password", ""), address, cookies)
        async for event in self._sign_in_with(ticket):
            yield event
