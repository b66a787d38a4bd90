"""The state of the linked accounts in the settings."""

from dataclasses import dataclass

import reflex as rx

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.providers.model import Purpose
from streaming_app.backend.errors import DomainError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.provider_links import problem_on
from streaming_app.state.reauthentication import recent_user, refusal
from streaming_app.state.session import SessionState, acting_user


@dataclass(frozen=True)
class LinkedAccountView:
    """A provider, and the account there that the user has linked."""

    provider_id: str = ""
    name: str = ""
    label: str = ""
    """How the provider names the account; empty if none is linked."""
    linked_at: str = ""
    """ISO 8601, UTC."""
    link_url: str = ""
    """Starts to link an account; empty if the site no longer offers this provider."""


class LinkedAccounts(SessionState):
    """Lists and unlinks the user's accounts at providers."""

    accounts: list[LinkedAccountView] = []
    is_loaded: bool = False
    problem: str = ""
    """Why linking an account did not work."""

    @rx.var
    def has_none(self) -> bool:
        """Whether the site has no providers, and the user has linked none."""
        return self.is_loaded and not self.accounts

    @rx.event
    async def open(self) -> None:
        """Load the accounts; the list is empty for signed-out users."""
        self.problem = problem_on(self)
        try:
            await self._show(await acting_user(self))
        except NotSignedInError:
            self.accounts, self.is_loaded = [], False

    @rx.event
    async def unlink(self, provider_id: str) -> rx.event.EventSpec:
        """Unlink one account of the user, who must have authenticated recently."""
        self.problem = ""
        try:
            user = await recent_user(self)
            linked = services.current().providers.linked_accounts
            await linked.unlink(user, str(provider_id), self.router.session.client_ip)
            await self._show(user)
        except DomainError as refused:
            return await refusal(self, refused, "unlink", str(provider_id))
        return toast.success("Unlinked.")

    async def _show(self, user: User) -> None:
        providers = services.current().providers
        linked = {each.provider: each for each in await providers.linked_accounts.list_of(user)}
        names = {each.provider_id: each.name for each in providers.sign_in.providers}
        self.accounts = [
            LinkedAccountView(
                provider_id=provider_id,
                name=names.get(provider_id, provider_id),
                label=linked[provider_id].label if provider_id in linked else "",
                linked_at=linked[provider_id].linked_at.isoformat() if provider_id in linked else "",
                link_url=providers.sign_in.start_url(provider_id, purpose=Purpose.LINK) if provider_id in names else "",
            )
            for provider_id in [*names, *(each for each in linked if each not in names)]
        ]
        self.is_loaded = True
