"""The register and sign-in forms: a form's handler earns a ticket, the browser redeems it and gets its cookie."""

import json
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import dataclass

import reflex as rx

from streaming_app import routes
from streaming_app.backend.accounts.origin import safe_path
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.errors import DomainError, InvalidError, StoreUnavailableError
from streaming_app.state import services
from streaming_app.state.failures import STORE_UNAVAILABLE
from streaming_app.state.forms import TO_THE_FIRST_ERROR
from streaming_app.state.page_cancellation import cancel_when_closed
from streaming_app.state.session import SessionState

_REDEEM_TICKET = """
fetch(window.frontDoor("/api/auth/session"), {
  method: "POST",
  credentials: "include",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ ticket: %(ticket)s }),
})
  .then((answer) => answer.ok
    ? (window.location.replace(%(path)s), "")
    : answer.json().then(({ error }) => error.message))
  .catch(() => "No answer from the site. Check your connection and try again.")
"""


@dataclass(frozen=True)
class FormErrors:
    """What is wrong with a form, field by field; empty where nothing is."""

    username: str = ""
    email: str = ""
    login: str = ""
    password: str = ""
    form: str = ""
    """Wrong with none of the fields."""


class AccountForm(rx.State, mixin=True):
    """What both forms know. The typed values stay in the browser's inputs."""

    errors: FormErrors = FormErrors()
    pending: bool = False
    other: str = ""
    """The query with which the other form's page leads back to the same place."""

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Begin anew, and keep where the person was going; who is signed in already goes there."""
        wanted = self.router.url.query_parameters.get(routes.NEXT, "")
        self.errors, self.pending = FormErrors(), False
        self.other = f"?{routes.NEXT}={path}" if (path := safe_path(wanted, "")) else ""
        session = await self.get_state(SessionState)
        return rx.redirect(safe_path(wanted)) if session.username else None

    @rx.event
    def ticket_redeemed(self, failure: str) -> None:
        """The browser has redeemed its ticket and leaves, or says why it could not."""
        if failure:
            self.errors, self.pending = FormErrors(form=failure), False

    def _redeem(self, ticket: str) -> rx.event.EventSpec:
        path = safe_path(self.router.url.query_parameters.get(routes.NEXT, ""), routes.HOME)
        return rx.call_script(
            _REDEEM_TICKET % {"ticket": json.dumps(ticket), "path": json.dumps(path)},
            callback=type(self).ticket_redeemed,
        )

    async def _sign_in_with(self, ticket: Coroutine[None, None, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Show that it takes a while, then go in with ``ticket``, or say why there is none."""
        self.errors, self.pending = FormErrors(), True
        yield None
        try:
            earned = await cancel_when_closed(str(self.router.session.client_token), ticket)
            if earned:
                yield self._redeem(earned)
        except DomainError as refused:
            yield self._refuse(refused)
        except StoreUnavailableError:
            yield self._refuse(DomainError(STORE_UNAVAILABLE))

    def _refuse(self, refused: DomainError) -> rx.event.EventSpec:
        fields = refused.fields if isinstance(refused, InvalidError) else {"form": refused.public_message}
        self.errors, self.pending = FormErrors(**fields), False
        return rx.call_script(TO_THE_FIRST_ERROR)


class LoginState(AccountForm, rx.State):
    """The sign-in form."""

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Sign in with what was typed."""
        address, cookies = self.router.session.client_ip, self.router.headers.cookie
        ticket = services.current().accounts.sign_in(form.get("login", ""), form.get("password", ""), address, cookies)
        async for event in self._sign_in_with(ticket):
            yield event


class RegisterState(AccountForm, rx.State):
    """The register form."""

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Make the account that was typed, and sign it in."""
        typed = Registration(form.get("username", ""), form.get("email", ""), form.get("password", ""))
        async for event in self._sign_in_with(_ticket_of_new(typed, self.router.session.client_ip)):
            yield event


async def _ticket_of_new(typed: Registration, address: str) -> str:
    backend = services.current()
    user = await backend.accounts.register(typed, address)
    await backend.channels.get_or_create(user)
    return await backend.accounts.issue_ticket(user)
