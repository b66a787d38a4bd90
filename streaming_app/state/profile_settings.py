"""The state of the profile in the settings."""

from collections.abc import AsyncGenerator

import reflex as rx

from streaming_app.backend.errors import DomainError, InvalidError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.page_commands import focus_first_error
from streaming_app.state.session import SessionState, acting_user


class ProfileSettings(SessionState):
    """Changes the name and the picture of the user. Uploads use the HTTP API instead of events."""

    display_name: str = ""
    """The saved name; empty if the username is shown."""
    is_loaded: bool = False
    error: str = ""
    """Why the name is refused."""
    picture_error: str = ""
    pending: bool = False

    @rx.event
    async def open(self) -> None:
        """Load the profile; it is empty for signed-out users."""
        try:
            user = await acting_user(self)
        except NotSignedInError:
            return
        self.display_name, self.is_loaded = user.display_name, True
        self.error, self.picture_error, self.pending = "", "", False

    @rx.event
    async def save(self, form: dict[str, str]) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Save the name."""
        self.error, self.pending = "", True
        yield None
        try:
            changed = await services.current().profiles.set_display_name(await acting_user(self), form.get("name", ""))
            await acting_user(self)
            self.display_name = changed.display_name
            yield toast.success("Saved.")
        except InvalidError as refused:
            self.error = refused.public_message
            yield focus_first_error()
        except DomainError as refused:
            yield toast.error(refused.public_message)
        self.pending = False

    @rx.event
    async def uploaded(self, _name: str, fields: dict[str, str], message: str) -> rx.event.EventSpec | None:
        """Show the error of an upload. Without an error, the picture was saved: load it."""
        self.picture_error = fields.get("picture", message)
        if self.picture_error:
            return None
        try:
            await acting_user(self)
        except NotSignedInError as refused:
            return toast.error(refused.public_message)
        return toast.success("Picture saved.")

    @rx.event
    async def remove_picture(self) -> rx.event.EventSpec:
        """Show the initials again."""
        self.picture_error = ""
        try:
            await services.current().profiles.remove_avatar(await acting_user(self))
            await acting_user(self)
        except DomainError as refused:
            return toast.error(refused.public_message)
        return toast.success("Picture removed.")
