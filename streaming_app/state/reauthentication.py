"""Actions that require a recent authentication, and the page that asks for it."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

import reflex as rx
from reflex_base.registry import RegistrationContext

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


async def refusal(state: rx.State, refused: DomainError, event: str = "", *arguments: Any) -> rx.event.EventSpec:
    """Return the event that shows ``refused``: a message, or the page that asks the user to authenticate again.

    That page returns to the current one, whose ``InterruptedAction.resume`` then fires the event of ``state`` with this
    name and these arguments. The arguments must contain no password, because they are stored until then.
    """
    if not isinstance(refused, ReauthenticationNeededError):
        return toast.error(refused.public_message)
    path = safe_path(state.router.url.path)
    if event:
        key = await (await state.get_state(InterruptedAction)).keep(f"{state.get_full_name()}.{event}", arguments)
        path += f"?{routes.RESUMED}={key}"
    return rx.redirect(routes.confirm(path))


@dataclass(frozen=True)
class KeptAction:
    """An event of a user who had to authenticate again."""

    key: str
    """Known only to the page that the user returns to."""
    user_id: str
    event: str
    arguments: tuple[Any, ...]


class InterruptedAction(rx.State):
    """The action that was interrupted because the user had to authenticate again.

    No substate of ``SessionState``, because the end of the old session clears those.
    """

    _kept: KeptAction | None = None

    @rx.event
    async def resume(self) -> rx.event.EventSpec | None:
        """Continue the action when the page opens after the authentication. Each action is continued once."""
        kept, self._kept = self._kept, None
        if kept is None or kept.key != self.router.url.query_parameters.get(routes.RESUMED, ""):
            return None
        with suppress(DomainError):
            if (await recent_user(self)).user_id == kept.user_id:
                return RegistrationContext.get().event_handlers[kept.event].handler(*kept.arguments)
        return None

    @property
    def keep(self) -> Any:
        """Store an action, and return the key that continues it.

        A property, because browsers can call the public methods of a state.
        """
        return self._keep

    async def _keep(self, event: str, arguments: tuple[Any, ...]) -> str:
        user_id = (await acting_user(self)).user_id
        self._kept = KeptAction(token_urlsafe(16), user_id, event, arguments)
        return self._kept.key


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
