"""The state of the user's request to stream, in the studio."""

import reflex as rx

from streaming_app.backend.errors import DomainError, InvalidError, NotSignedInError
from streaming_app.backend.streams.streamer_requests import RequestStatus
from streaming_app.state import services, toast
from streaming_app.state.page_commands import focus_first_error
from streaming_app.state.session import SessionState, acting_user


class StudioApproval(SessionState):
    """Whether the user may stream, and their request for it."""

    step: str = ""
    """What the studio shows: a ``form``, a request that is ``waiting``, that requests are ``closed``, or ``none`` of
    them, because the user may stream; empty until known."""
    status: str = ""
    """A ``RequestStatus``; empty if the user has sent no request."""
    text: str = ""
    note: str = ""
    error: str = ""

    @rx.event
    async def open(self) -> None:
        """Load the request; nothing for signed-out users."""
        self.error = ""
        try:
            user = await acting_user(self)
        except NotSignedInError:
            self.step = ""
            return
        backend = services.current()
        await backend.channels.get_or_create(user)
        approval = backend.streamer_approval
        request = await approval.request_of(user)
        self.status, self.text, self.note = (request.status, request.text, request.note) if request else ("", "", "")
        if await approval.may_stream(user):
            self.step = "none"
        elif approval.mode != "request":
            self.step = "closed"
        else:
            self.step = "waiting" if self.status == RequestStatus.WAITING else "form"

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
