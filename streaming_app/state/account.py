"""The register and sign-in forms: a form's handler earns a ticket, the browser redeems it and gets its cookie."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace

import reflex as rx

from streaming_app import routes
from streaming_app.backend.accounts.browser import safe_path
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.errors import DomainError, InvalidError
from streaming_app.state import services
from streaming_app.state.session import SessionState

_ENTER = """
fetch(window.frontDoor("/api/auth/session"), {
  method: "POST",
  credentials: "include",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ ticket: %(ticket)s }),
})
  .then((answer) => answer.ok
    ? (window.location.replace(%(path)s), "")
    : answer.json().then(({ error }) => error.message))
  .catch(() => "The site does not answer. Check your connection and try again.")
"""

_TO_THE_FIRST_ERROR = """
setTimeout(() => document.querySelector('.form [aria-invalid="true"]')?.focus(), 60)
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
    def entered(self, failure: str) -> None:
        """The browser has redeemed its ticket and leaves, or says why it could not."""
        if failure:
            self.errors, self.pending = FormErrors(form=failure), False

    def _enter(self, ticket: str) -> rx.event.EventSpec:
        path = safe_path(self.router.url.query_parameters.get(routes.NEXT, ""), routes.HOME)
        return rx.call_script(
            _ENTER % {"ticket": json.dumps(ticket), "path": json.dumps(path)}, callback=type(self).entered
        )

    def _refuse(self, refused: DomainError) -> rx.event.EventSpec:
        field = refused.field if isinstance(refused, InvalidError) else "form"
        self.errors, self.pending = replace(FormErrors(), **{field: refused.public_message}), False
        return rx.call_script(_TO_THE_FIRST_ERROR)


class LoginState(AccountForm, rx.State):
    """The sign-in form."""

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Sign in with what was typed."""
        self.errors, self.pending = FormErrors(), True
        yield None
        try:
            ticket = await services.current().accounts.sign_in(
                form.get("login", ""), form.get("password", ""), self.router.session.client_ip
            )
        except DomainError as refused:
            yield self._refuse(refused)
        else:
            yield self._enter(ticket)


class RegisterState(AccountForm, rx.State):
    """The register form."""

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Make the account that was typed, and sign it in."""
        self.errors, self.pending = FormErrors(), True
        yield None
        backend = services.current()
        try:
            user = await backend.accounts.register(
                Registration(form.get("username", ""), form.get("email", ""), form.get("password", ""))
            )
            await backend.channels.of_owner(user)
            ticket = await backend.accounts.issue_ticket(user)
        except DomainError as refused:
            yield self._refuse(refused)
        else:
            yield self._enter(ticket)
