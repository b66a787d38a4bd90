"""The state of the user's request to stream, in the studio."""

import reflex as rx

from streaming_app.backend.errors import DomainError, InvalidError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.page_commands import focus_first_error
from streaming_app.state.session import SessionState, acting_user


class StudioApproval(SessionState):
    """Whether the user may stream, and their request for it."""

    needed: bool = False
    """Whether the user may not stream until staff approve them."""
    accepts_requests: bool = False
    status: str = ""
    """A ``RequestStatus``; empty if the user has sent no request."""
    text: str = ""
    note: str = ""
    error: str = ""

    @rx.event
    async def open(self) -> None:
        """Load the request; nothing for signed-out users."""
        self.needed, self.error = False, ""
        try:
            user = await acting_user(self)
        except NotSignedInError:
            return
        backend = services.current()
        await backend.channels.get_or_create(user)
        approval = backend.streamer_approval
        self.needed = not await approval.may_stream(user)
        self.accepts_requests = approval.mode == "request"
        request = await approval.request_of(user)
        self.status, self.text, self.note = (request.status, request.text, request.note) if request else ("", "", "")

    @rx.event
    async def ask(self, form: dict[str, str]) -> rx.event.EventSpec:
        """Ask to stream."""
        self.error = ""
        try:
            await services.current().streamer_approval.ask(await acting_user(self), form.get("about", ""))
        except InvalidError as refused:
            self.error = refused.public_message
            return focus_first_error()
        except DomainError as refused:
            return toast.error(refused.public_message)
        await self.open()
        return toast.success("Your request was sent.")
