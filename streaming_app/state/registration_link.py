"""The state of the page that a registration link opens: it creates the account."""

from collections.abc import AsyncGenerator

import reflex as rx

from streaming_app import routes
from streaming_app.backend.errors import DomainError
from streaming_app.state import services
from streaming_app.state.account_forms import AccountForm, FormErrors
from streaming_app.state.page_commands import run_in_page

_SECRET_MAX = 100


class RegistrationLinkState(AccountForm, rx.State):
    """The form with the password of a new account."""

    email: str = ""
    """The email that the link confirms; empty until the link was checked."""
    username: str = ""
    """The username that was chosen before."""
    invalid: str = ""
    """Why the link is not valid."""
    _secret: str = ""

    @rx.event
    def show(self) -> rx.event.EventSpec:
        """Reset the form when the page opens, and read the link's secret. The server sees no fragments."""
        self.errors, self.pending = FormErrors(), False
        self.email, self.username, self.invalid = "", "", ""
        return run_in_page("readFragment", answer=RegistrationLinkState.check_link)

    @rx.event
    async def check_link(self, secret: str) -> None:
        """Show for which email the link is, or why it is not valid."""
        self._secret = secret[:_SECRET_MAX]
        try:
            link = await services.current().registration.open_link(self._secret)
            self.email, self.username = link.email, link.username
        except DomainError as refused:
            self.invalid = refused.public_message

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Create the account and sign in."""
        ticket = self._ticket_of_new(form.get("username", ""), form.get("password", ""))
        async for event in self._sign_in_with(ticket):
            yield event

    def _path_afterwards(self) -> str:
        return routes.HOME

    async def _ticket_of_new(self, username: str, password: str) -> str:
        backend, address = services.current(), self.router.session.client_ip
        user = await backend.registration.finish(self._secret, username, password, address)
        await backend.channels.get_or_create(user)
        return await backend.accounts.sessions.issue_ticket(user)
