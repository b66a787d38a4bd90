"""The state of the email in the settings."""

from collections.abc import AsyncGenerator

import reflex as rx

from streaming_app.backend.errors import DomainError, InvalidError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.page_commands import focus_first_error
from streaming_app.state.reauthentication import recent_user, refusal
from streaming_app.state.session import SessionState, acting_user


class EmailSettings(SessionState):
    """Confirms and changes the email of the user."""

    email: str = ""
    """The present email; empty until it is known."""
    is_confirmed: bool = False
    is_unconfirmed: bool = False
    can_change: bool = True
    """Whether the site can send the mails that a change needs."""
    uses_mailbox: bool = False
    """Whether mails are kept in the development mailbox instead of being sent."""
    error: str = ""
    """Why the new email is refused."""
    sent_to: str = ""
    """The new email, to which a link was sent."""
    pending: bool = False

    @rx.event
    async def open(self) -> None:
        """Load the email; it is empty for signed-out users."""
        try:
            user = await acting_user(self)
        except NotSignedInError:
            self.email = ""
            return
        self.error, self.sent_to, self.pending = "", "", False
        mails = services.current().mails
        self.can_change, self.uses_mailbox = mails.is_available, mails.is_available and not mails.reach_users
        self.email, self.is_unconfirmed = user.email, user.email_confirmed_at is None
        self.is_confirmed = not self.is_unconfirmed

    @rx.event
    async def send_confirmation(self) -> rx.event.EventSpec:
        """Mail the link that confirms the email again."""
        try:
            user = await acting_user(self)
            await services.current().emails.send_confirmation(user)
        except DomainError as refused:
            return toast.error(refused.public_message)
        return toast.success(f"A mail is on its way to {user.email}.")

    @rx.event
    async def change(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Mail a link to the new email."""
        self.error, self.sent_to, self.pending = "", "", True
        yield None
        typed = form.get("email", "").strip()
        try:
            self.sent_to = await services.current().emails.request_change(await recent_user(self), typed)
        except InvalidError as refused:
            self.error = refused.public_message
            yield focus_first_error()
        except DomainError as refused:
            yield await refusal(self, refused, "change", form)
        self.pending = False
