"""The state of the second step of a sign-in."""

from collections.abc import AsyncGenerator

import reflex as rx

from streaming_app.state import services
from streaming_app.state.account_forms import AccountForm
from streaming_app.state.link_secret import LinkSecret


class SecondStepState(LinkSecret, AccountForm, rx.State):
    """The form for a code of the authenticator app, or a recovery code."""

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Check the code and sign in."""
        address, cookies = self.router.session.client_ip, self.router.headers.cookie
        ticket = services.current().second_steps.finish(self._secret, form.get("code", ""), address, cookies)
        async for event in self._sign_in_with(ticket):
            yield event

    async def _load(self) -> None:
        self.username = (await services.current().second_steps.user_of(self._secret)).username
