"""Signing in with a passkey, for the forms that offer it."""

from collections.abc import AsyncGenerator

import reflex as rx

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.passkeys import Challenge, RelyingParty, relying_party
from streaming_app.backend.accounts.same_origin import origin_of, read_origin
from streaming_app.backend.errors import DomainError, ForbiddenError
from streaming_app.state import services
from streaming_app.state.account_forms import AccountForm, FormErrors
from streaming_app.state.page_commands import run_in_page


def relying_party_of(state: rx.State) -> RelyingParty:
    """Return the relying party of this tab's page; raises ``ConflictError`` with the reason if there is none.

    The tab's websocket was only opened because its ``Origin`` header is one of this site's own pages.
    """
    public_url = services.current().settings.public_url
    return relying_party(read_origin(state.router.headers.origin), origin_of(public_url) if public_url else None)


class PasskeyForm(AccountForm, rx.State, mixin=True):
    """A form that a passkey can replace. The challenge stays on the server, in the state of the tab."""

    has_passkeys: bool = False
    """Whether the page offers passkeys."""
    _challenge: Challenge | None = None

    @rx.event
    async def offer_passkeys(self) -> None:
        """Offer passkeys if browsers allow them on this page."""
        self._challenge = None
        try:
            party = relying_party_of(self)
            self.has_passkeys = bool(party.domain) and await self._may_use_passkeys()
        except DomainError:
            self.has_passkeys = False

    @rx.event
    async def ask_for_passkey(self) -> rx.event.EventSpec:
        """Let the browser ask for a passkey."""
        self.errors, self.pending = FormErrors(), True
        try:
            challenge = await services.current().passkeys.start_sign_in(relying_party_of(self), await self._only_user())
        except DomainError as refused:
            return self._refuse(refused)
        self._challenge = challenge
        return run_in_page("usePasskey", challenge.options, answer=type(self).use_passkey)

    @rx.event
    async def use_passkey(self, passkey_answer: str) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Sign in with the browser's answer. Each challenge is used once."""
        challenge, self._challenge = self._challenge, None
        async for event in self._sign_in_with(self._ticket_of_passkey(challenge, passkey_answer)):
            yield event

    async def _ticket_of_passkey(self, challenge: Challenge | None, answer: str) -> str:
        if challenge is None:
            raise ForbiddenError("This took too long. Try again.")
        party, user = relying_party_of(self), await self._only_user()
        address = self.router.session.client_ip
        return await services.current().passkeys.sign_in(party, challenge, answer, address, user)

    async def _may_use_passkeys(self) -> bool:
        return True

    async def _only_user(self) -> User | None:
        """Return the user to whom the passkey has to belong; ``None`` for any user."""
        return None
