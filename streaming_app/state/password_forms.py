"""The states of the forms for a new password: of a signed-in user, and of a reset link.

A new password ends all sessions of the user, so the browser gets a new one, as after a sign-in.
"""

from collections.abc import AsyncGenerator
from contextlib import suppress

import reflex as rx

from streaming_app import routes
from streaming_app.backend.errors import DomainError, InvalidError, NotSignedInError, ReauthenticationNeededError
from streaming_app.state import services
from streaming_app.state.account_forms import AccountForm, FormErrors
from streaming_app.state.captcha import after_captcha
from streaming_app.state.link_secret import LinkSecret
from streaming_app.state.page_commands import focus_first_error
from streaming_app.state.reauthentication import recent_user, refusal
from streaming_app.state.session import acting_user


class ChangePasswordState(AccountForm, rx.State):
    """The form for another password in the settings."""

    is_changed: bool = False
    """Whether the page was loaded again after a change."""

    form: str = ""
    """``change`` the password; for users without one, ``set`` the first one or, before that, ``confirm`` who they are;
    empty until known."""

    @rx.event
    async def show(self) -> None:
        """Reset the form when the page opens."""
        self.errors, self.pending = FormErrors(), False
        self.is_changed = routes.CHANGED in self.router.url.query_parameters
        with suppress(NotSignedInError):
            self.form = "change" if (await acting_user(self)).has_password else "confirm"
        with suppress(DomainError):
            if self.form == "confirm" and await recent_user(self):
                self.form = "set"

    @rx.event
    async def confirm(self) -> rx.event.EventSpec | None:
        """Let a user without a password authenticate again. The page then shows the form."""
        try:
            await recent_user(self)
        except DomainError as refused:
            return await refusal(self, refused)
        self.form = "set"
        return None

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Replace the password; all other browsers of the user are signed out."""
        self.is_changed = False
        async for event in self._sign_in_with(self._ticket_after_change(form)):
            yield event

    def _path_afterwards(self) -> str:
        return f"{routes.SECURITY}?{routes.CHANGED}=1"

    async def _ticket_after_change(self, form: dict[str, str]) -> str:
        backend, address = services.current(), self.router.session.client_ip
        current, new = form.get("current_password", ""), form.get("password", "")
        user = await acting_user(self)
        if user.has_password:
            changed = await backend.passwords.change(user, current, new, address)
        else:
            changed = await backend.passwords.set_first(await recent_user(self), new, address)
        return await backend.accounts.sessions.issue_ticket(changed)

    def _refuse(self, refused: DomainError) -> rx.event.EventSpec:
        if isinstance(refused, ReauthenticationNeededError):
            self.form, self.pending = "confirm", False
        return super()._refuse(refused)


class ResetPasswordState(LinkSecret, AccountForm, rx.State):
    """The form of a password reset link."""

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Set the password and sign in."""
        async for event in self._sign_in_with(self._ticket_after_reset(form.get("password", ""))):
            yield event

    async def _load(self) -> None:
        self.username = (await services.current().passwords.user_of_link(self._secret)).username

    async def _ticket_after_reset(self, new: str) -> str:
        backend = services.current()
        user = await backend.passwords.reset(self._secret, new, self.router.session.client_ip)
        return await backend.accounts.sessions.issue_ticket(user)


class ForgotPasswordState(rx.State):
    """The form that asks for a reset link by mail."""

    step: str = ""
    """``ask`` for the email; name the ``operator`` if the site sends no mail; empty until known."""
    uses_mailbox: bool = False
    """Whether mails are kept in the development mailbox instead of being sent."""
    sent_to: str = ""
    """The email to which a link was sent, if it belongs to an account; empty before."""
    error: str = ""
    captcha_error: str = ""
    pending: bool = False

    @rx.event
    def show(self) -> None:
        """Reset the form when the page opens."""
        self.sent_to, self.error, self.captcha_error, self.pending = "", "", "", False
        mails = services.current().mails
        self.step = "ask" if mails.is_available else "operator"
        self.uses_mailbox = mails.is_available and not mails.reach_users

    @rx.event
    async def submit(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Ask for a link to the submitted email."""
        self.error, self.captcha_error, self.pending = "", "", True
        yield None
        email = form.get("email", "").strip()
        try:
            address = self.router.session.client_ip
            await after_captcha(self, form, services.current().passwords.request_reset_link(email, address))
            self.sent_to = email
        except DomainError as refused:
            fields = refused.fields if isinstance(refused, InvalidError) else {"email": refused.public_message}
            self.error, self.captcha_error = fields.get("email", ""), fields.get("captcha", "")
            yield focus_first_error()
        self.pending = False
