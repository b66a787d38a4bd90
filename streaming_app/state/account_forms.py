"""The states of the forms that open a session: registration, sign-in, and a new password.

The handler of a form creates a ticket. The browser exchanges the ticket for the session cookie.
"""

from collections.abc import AsyncGenerator, Coroutine
from contextlib import suppress
from dataclasses import dataclass

import reflex as rx

from streaming_app import routes
from streaming_app.backend.accounts.invitations import hash_of_invitation
from streaming_app.backend.accounts.registration_gate import RegistrationMode
from streaming_app.backend.accounts.same_origin import safe_path
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.errors import (
    DomainError,
    ForbiddenError,
    InvalidError,
    RateLimitedError,
    StoreUnavailableError,
)
from streaming_app.state import services
from streaming_app.state.captcha import after_captcha
from streaming_app.state.error_handlers import STORE_UNAVAILABLE
from streaming_app.state.event_frame_validation import Handlers
from streaming_app.state.link_secret import SECRET_MAX
from streaming_app.state.page_cancellation import cancel_when_closed
from streaming_app.state.page_commands import focus_first_error, run_in_page
from streaming_app.state.session import SessionState


@dataclass(frozen=True)
class FormErrors:
    """The error messages of a form by field; a field without an error is empty."""

    username: str = ""
    email: str = ""
    login: str = ""
    current_password: str = ""
    password: str = ""
    code: str = ""
    captcha: str = ""
    form: str = ""
    """An error that concerns no single field."""


class AccountForm(rx.State, mixin=True):
    """The fields and events that the forms share. The typed values stay in the browser's inputs."""

    errors: FormErrors = FormErrors()
    pending: bool = False

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Reset the form and read the page to return to. Redirects signed-in users to that page."""
        wanted = self.router.url.query_parameters.get(routes.NEXT, "")
        self.errors, self.pending = FormErrors(), False
        session = await self.get_state(SessionState)
        return rx.redirect(safe_path(wanted)) if session.username else None

    @rx.event
    def ticket_refused(self, failure: str) -> None:
        """Show the error message. A browser that could redeem its ticket leaves the page instead."""
        self.errors, self.pending = FormErrors(form=failure), False

    def _path_afterwards(self) -> str:
        return safe_path(self.router.url.query_parameters.get(routes.NEXT, ""), routes.HOME)

    def _redeem(self, ticket: str) -> rx.event.EventSpec:
        return run_in_page("redeemTicket", ticket, self._path_afterwards(), answer=type(self).ticket_refused)

    async def _sign_in_with(self, ticket: Coroutine[None, None, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Mark the form as pending, await ``ticket`` and redeem it. Shows the error if ``ticket`` is refused."""
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
        return focus_first_error()


def names_of_submit_events(handlers: Handlers) -> frozenset[str]:
    """Return the full names of the events that submit one of these forms. Most of them check or hash a password."""
    return frozenset(
        name
        for name, registered in handlers.items()
        if registered.handler.fn.__name__ == "submit" and issubclass(registered.states[-1], AccountForm)
    )


class InvitationLink(rx.State):
    """The invitation whose link the visitor has opened.

    The browser keeps it while the tab is open, because a sign-in with a provider leaves the page of the link.
    """

    secret: str = rx.SessionStorage("", name="invitation")


class InvitedForm(AccountForm, rx.State, mixin=True):
    """A form that creates an account, for the people whom the registration mode of the site admits."""

    step: str = ""
    barrier: str = ""
    """Why nobody, or not this visitor, can register; empty if they can."""

    async def _invitation(self) -> str:
        """Return the secret of the visitor's invitation; empty if there is none."""
        return str((await self.get_state(InvitationLink)).secret)[:SECRET_MAX]

    async def _show_if_admitted(self, step: str, user_id: str = "") -> None:
        """Show the form ``step`` to people who may register, and to others the step ``closed`` with the reason.

        ``user_id`` is the id that the new account will have; empty if it is not known yet.
        """
        invitation_hash = hash_of_invitation(await self._invitation())
        try:
            await services.current().registration_gate.check(invitation_hash, user_id)
            self.step, self.barrier = step, ""
        except ForbiddenError as refused:
            self.step, self.barrier = "closed", refused.public_message


class RegisterState(InvitedForm, rx.State):
    """The register form. On a site that sends mail, it has no password: a link in a mail leads to the next form."""

    step: str = ""
    """A form with a ``password``, or one whose account is created by a link in a ``mail``; ``closed`` if this visitor
    cannot register; empty until known."""
    sent_to: str = ""
    """The email to which a mail was sent; empty before."""

    @rx.event
    async def show(self) -> rx.event.EventSpec | None:
        """Show the form of this site. Reads the secret of an invitation from the link, which servers do not see."""
        self.step = self.sent_to = self.barrier = ""
        if services.current().registration_gate.mode is RegistrationMode.INVITATION:
            return run_in_page("readFragment", answer=RegisterState.check_invitation)
        await self._show_if_admitted(_step())
        return None

    @rx.event
    async def check_invitation(self, secret: str) -> None:
        """Show the form to people with a valid invitation, and others why they cannot register."""
        if secret:
            (await self.get_state(InvitationLink)).secret = secret[:SECRET_MAX]
        await self._show_if_admitted(_step())

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Create the submitted account and sign in, or mail the link that does."""
        username, email = form.get("username", ""), form.get("email", "")
        if services.current().registration.is_used:
            work = self._mail_link(username, email)
        else:
            typed = Registration(username, email, form.get("password", ""), await self._invitation())
            work = _ticket_of_new(typed, self.router.session.client_ip)
        async for event in self._sign_in_with(after_captcha(self, form, work)):
            yield event

    async def _mail_link(self, username: str, email: str) -> str:
        """Mail a link. Return no ticket, because nobody is signed in yet."""
        address, invitation = self.router.session.client_ip, await self._invitation()
        self.sent_to = await services.current().registration.request(username, email, address, invitation)
        self.pending = False
        return ""


def _step() -> str:
    """Return the step of the register form that this site needs."""
    return "mail" if services.current().registration.is_used else "password"


async def _ticket_of_new(typed: Registration, address: str) -> str:
    backend = services.current()
    user = await backend.accounts.register(typed, address)
    await backend.channels.get_or_create(user)
    if backend.emails.should_confirm(user):
        with suppress(RateLimitedError):
            await backend.emails.send_confirmation(user)
    return await backend.accounts.sessions.issue_ticket(user)
