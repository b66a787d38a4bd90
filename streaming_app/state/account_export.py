"""The state of the download of the user's data."""

from contextlib import suppress

import reflex as rx

from streaming_app.backend.errors import DomainError
from streaming_app.state import services
from streaming_app.state.reauthentication import recent_user, refusal
from streaming_app.state.recording_view_models import size
from streaming_app.state.session import acting_user


class ExportState(rx.State):
    """Asks for the password again if the sign-in is old, and then shows the link."""

    is_ready: bool = False
    video_size: str = ""
    """Size of the recordings; empty if there are none."""

    @rx.event
    async def show(self) -> None:
        """Show the size of the recordings, and hide the link unless the sign-in is recent.

        A quick user may have asked for the link before this event, so it must not be hidden in any case.
        """
        self.video_size = ""
        if self.is_ready:
            try:
                await recent_user(self)
            except DomainError:
                self.is_ready = False
        with suppress(DomainError):
            user = await acting_user(self)
            video_bytes = await services.current().account_data.export.video_bytes(user.user_id)
            self.video_size = size(video_bytes) if video_bytes else ""

    @rx.event
    async def prepare(self) -> rx.event.EventSpec | None:
        """Show the link."""
        try:
            await recent_user(self)
        except DomainError as refused:
            return await refusal(self, refused, "prepare")
        self.is_ready = True
        return None
