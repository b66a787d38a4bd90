"""The state of the download of the user's data."""

import reflex as rx

from streaming_app.backend.errors import DomainError
from streaming_app.state.reauthentication import recent_user, refusal


class ExportState(rx.State):
    """Asks for the password again if the sign-in is old, and then shows the link."""

    is_ready: bool = False

    @rx.event
    def show(self) -> None:
        """Hide the link when the page opens."""
        self.is_ready = False

    @rx.event
    async def prepare(self) -> rx.event.EventSpec | None:
        """Show the link."""
        try:
            await recent_user(self)
        except DomainError as refused:
            return refusal(self, refused)
        self.is_ready = True
        return None
