"""The state of the page that a registration link opens: it creates the account."""

from collections.abc import AsyncGenerator

import reflex as rx

from streaming_app import routes
from streaming_app.state import services
from streaming_app.state.account_forms import AccountForm
from streaming_app.state.link_secret import LinkSecret


class RegistrationLinkState(LinkSecret, AccountForm, rx.State):
    """The form with the password of a new account."""

    email: str = ""
    """The email that the link confirms; empty until the link was checked."""

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Create the account and sign in."""
        ticket = self._ticket_of_new(form.get("username", ""), form.get("password", ""))
        async for event in self._sign_in_with(ticket):
            yield event

    async def _load(self) -> None:
        link = await services.current().registration.open_link(self._secret)
        self.email, self.username = link.email, link.username

    def _path_afterwards(self) -> str:
        return routes.HOME

    async def _ticket_of_new(self, username: str, password: str) -> str:
        backend, address = services.current(), self.router.session.client_ip
        user = await backend.registration.finish(self._secret, username, password, address)
        await backend.channels.get_or_create(user)
        return await backend.accounts.sessions.issue_ticket(user)
