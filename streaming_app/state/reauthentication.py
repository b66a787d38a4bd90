"""Actions that require a recent authentication, and the page that asks for it."""

from collections.abc import AsyncGenerator
from contextlib import suppress

import reflex as rx

from streaming_app import routes
from streaming_app.backend.accounts.cookies import session_token_in
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.providers.model import Purpose
from streaming_app.backend.accounts.same_origin import safe_path
from streaming_app.backend.errors import DomainError, NotSignedInError, ReauthenticationNeededError
from streaming_app.state import services, toast
from streaming_app.state.account_forms import FormErrors
from streaming_app.state.passkey_sign_in import PasskeyForm
from streaming_app.state.provider_links import ProviderLink, links_on, problem_on
from streaming_app.state.session import acting_user


async def recent_user(state: rx.State) -> User:
    """Return the user who acts in this tab and has authenticated recently.

    Raises ``NotSignedInError``, or ``ReauthenticationNeededError``, which ``refusal`` turns into a redirect.
    """
    await acting_user(state)
    return await services.current().accounts.sessions.require_recent(session_token_in(state.router.headers.cookie))


def refusal(state: rx.State, refused: DomainError) -> rx.event.EventSpec:
    """Return the event that shows ``refused``: a message, or the page that asks the user to authenticate again.

    That page returns to the current one.
    """
    if isinstance(refused, ReauthenticationNeededError):
        return rx.redirect(routes.confirm(safe_path(state.router.url.path)))
    return toast.error(refused.public_message)


class ConfirmState(PasskeyForm, rx.State):
    """The page that asks for the password, a passkey or a provider again. It replaces the session by a new one."""

    way: str = ""
    """``password``, ``other`` for users without a password, or ``none`` if they have no way; empty until known."""
    links: list[ProviderLink] = []
    """The providers at which the user has linked an account."""
    problem: str = ""
    """Why the last sign-in with a provider did not confirm anything."""

    @rx.event
    async def show(self) -> None:
        """Reset the form when the page opens, and load the user's ways to sign in."""
        self.errors, self.pending, self.links, self.problem = FormErrors(), False, [], problem_on(self)
        with suppress(NotSignedInError):
            user = await acting_user(self)
            identities = await services.current().providers.linked_accounts.list_of(user)
            linked = {identity.provider for identity in identities}
            self.links = [link for link in links_on(self, Purpose.CONFIRM) if link.provider_id in linked]
            has_other = self.links or await self._may_use_passkeys()
            self.way = "password" if user.has_password else "other" if has_other else "none"

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Check the password and continue on the page that required it."""
        async for event in self._sign_in_with(self._ticket_after_check(form.get("password", ""))):
            yield event

    def _path_afterwards(self) -> str:
        return safe_path(self.router.url.query_parameters.get(routes.NEXT, ""), routes.SETTINGS)

    async def _may_use_passkeys(self) -> bool:
        return bool(await services.current().passkeys.list_by_user((await acting_user(self)).user_id))

    async def _only_user(self) -> User:
        return await acting_user(self)

    async def _ticket_after_check(self, password: str) -> str:
        backend, user = services.current(), await acting_user(self)
        await backend.passwords.confirm(user, password, self.router.session.client_ip)
        return await backend.accounts.sessions.issue_ticket(user)
