"""The states of sign-in with providers: the buttons, and the page that asks what to do with a new identity."""

from collections.abc import AsyncGenerator
from contextlib import suppress

import reflex as rx

from streaming_app import routes
from streaming_app.backend.accounts.cookies import PENDING_IDENTITY_COOKIE, cookie_in
from streaming_app.backend.accounts.same_origin import safe_path
from streaming_app.backend.errors import DomainError, NotFoundError, RateLimitedError, ReauthenticationNeededError
from streaming_app.state import services
from streaming_app.state.account_forms import FormErrors, InvitedForm
from streaming_app.state.provider_links import ProviderLink, links_on, problem_on
from streaming_app.state.reauthentication import recent_user, refusal
from streaming_app.state.session import SessionState, refresh_user


class ProviderButtons(rx.State):
    """The links to the configured providers on the pages for signing in."""

    links: list[ProviderLink] = []
    problem: str = ""
    """Why the last sign-in with a provider did not work."""

    @rx.event
    def open(self) -> None:
        """Load the links. After the sign-in they lead to the page that the query names."""
        self.problem, self.links = problem_on(self), links_on(self)


class FinishSignIn(InvitedForm, rx.State):
    """The page of an identity that belongs to nobody yet. The identity itself never leaves the server."""

    step: str = ""
    """``new`` user, ``new with email`` if the provider has verified none, ``closed`` if they cannot
    register, existing account (``taken``), ``link`` to the signed-in user, or ``expired``; empty until known."""
    provider: str = ""
    label: str = ""
    """How the provider names the account."""
    _next_path: str = ""

    @rx.event
    async def show(self) -> None:
        """Load the pending identity of this browser."""
        self.errors, self.pending = FormErrors(), False
        user = await refresh_user(await self.get_state(SessionState))
        providers = services.current().providers
        try:
            pending = await providers.sign_in.pending_identity(self._secret())
        except NotFoundError:
            self.step = "expired"
            return
        self.provider, self.label = providers.sign_in.name_of(pending.provider), pending.label
        self._next_path = pending.next_path
        if user:
            self.step = "link" if pending.link_to in {"", user.user_id} else "expired"
        elif pending.link_to:
            self.step = "expired"
        elif await providers.linked_accounts.has_account(pending):
            self.step = "taken"
        else:
            await self._show_if_admitted("new" if pending.email_verified else "new with email", pending.user_id)

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Create a user with the submitted username, and sign in."""
        async for event in self._sign_in_with(self._ticket_of_new(form.get("username", ""), form.get("email", ""))):
            yield event

    @rx.event
    async def link(self) -> rx.event.EventSpec | None:
        """Link the identity to the signed-in user, who must have authenticated recently."""
        try:
            user = await recent_user(self)
            linked = services.current().providers.linked_accounts
            await linked.link(self._secret(), user, self.router.session.client_ip)
        except ReauthenticationNeededError as refused:
            return await refusal(self, refused, "link")
        except DomainError as refused:
            self.errors = FormErrors(form=refused.public_message)
            return None
        return rx.redirect(self._next_path or routes.LINKED_ACCOUNTS)

    def _path_afterwards(self) -> str:
        return safe_path(self._next_path, routes.HOME)

    def _secret(self) -> str:
        return cookie_in(self.router.headers.cookie, PENDING_IDENTITY_COOKIE)

    async def _ticket_of_new(self, username: str, email: str) -> str:
        backend = services.current()
        address = self.router.session.client_ip
        linked, invitation = backend.providers.linked_accounts, await self._invitation()
        user = await linked.register(self._secret(), username, email, address, invitation)
        await backend.channels.get_or_create(user)
        if backend.emails.should_confirm(user):
            with suppress(RateLimitedError):
                await backend.emails.send_confirmation(user)
        return await backend.accounts.sessions.issue_ticket(user)
