"""The state of the page about requests to stream."""

from dataclasses import dataclass

import reflex as rx

from streaming_app.backend.errors import DomainError, InvalidError
from streaming_app.backend.streams.streamer_requests import RequestStatus, StreamerRequest
from streaming_app.state import services, toast
from streaming_app.state.admin import AdminState
from streaming_app.state.page_commands import focus_first_error, keep_focus, reset_form

APPROVE_FORM = "approve-form"
Events = list[rx.event.EventSpec]


@dataclass(frozen=True)
class RequestView:
    """A request, or an approval."""

    user_id: str = ""
    name: str = ""
    text: str = ""
    at: str = ""
    """ISO 8601, UTC."""
    by: str = ""
    approved: bool = False


@dataclass(frozen=True)
class StreamerErrors:
    """The error messages of the two forms."""

    username: str = ""
    note: str = ""


class AdminStreamers(AdminState):
    """Lists, approves and refuses requests to stream."""

    mode: str = ""
    """The setting STREAMING."""
    waiting: list[RequestView] = []
    approved: list[RequestView] = []
    chosen: RequestView = RequestView()
    """The request whose form for a note is open; has no id if none is."""
    errors: StreamerErrors = StreamerErrors()

    @rx.event
    async def open(self) -> None:
        """Load the requests; nothing for those who do not belong to the staff."""
        self.chosen, self.errors = RequestView(), StreamerErrors()
        self.mode = services.current().settings.streaming
        await self._load()

    @rx.event
    def choose(self, user_id: str) -> None:
        """Open the form that refuses a request or revokes an approval; an empty id closes it."""
        self.errors = StreamerErrors()
        listed = [*self.waiting, *self.approved]
        self.chosen = next((each for each in listed if each.user_id == user_id), RequestView())

    @rx.event
    async def approve(self, form: dict[str, str]) -> Events:
        """Approve the user whom the form names."""
        return await self._approve(form.get("username", ""))

    @rx.event
    async def approve_request(self, username: str) -> Events:
        """Approve a user in the list."""
        return await self._approve(str(username))

    @rx.event
    async def refuse(self, form: dict[str, str]) -> Events:
        """Refuse the chosen request, or revoke the approval."""
        self.errors = StreamerErrors()
        user_id, note = str(self.chosen.user_id), form.get("note", "")
        try:
            await services.current().streamer_approval.refuse(await self._actor(), user_id, note)
        except InvalidError as refused:
            self.errors = StreamerErrors(**refused.fields)
            return [focus_first_error()]
        except DomainError as refused:
            return [toast.error(refused.public_message)]
        self.chosen = RequestView()
        await self._load()
        return [toast.success("The user may not stream."), keep_focus()]

    async def _approve(self, username: str) -> Events:
        self.errors = StreamerErrors()
        try:
            await services.current().streamer_approval.approve(await self._actor(), username)
        except InvalidError as refused:
            self.errors = StreamerErrors(**refused.fields)
            return [focus_first_error()]
        except DomainError as refused:
            return [toast.error(refused.public_message)]
        self.chosen = RequestView()
        await self._load()
        return [toast.success("The user may stream."), reset_form(APPROVE_FORM), keep_focus()]

    async def _load(self) -> None:
        try:
            actor = await self._actor()
        except DomainError:
            self.waiting, self.approved = [], []
            return
        approval = services.current().streamer_approval
        self.waiting = [_view(each) for each in await approval.listed(actor, RequestStatus.WAITING)]
        self.approved = [_view(each) for each in await approval.listed(actor, RequestStatus.APPROVED)]


def _view(request: StreamerRequest) -> RequestView:
    is_approved = request.status is RequestStatus.APPROVED
    at = request.requested_at.isoformat()
    return RequestView(request.user_id, request.username, request.text, at, request.decided_by, is_approved)
