"""The state of the page about live streams."""

from dataclasses import dataclass

import reflex as rx

from streaming_app.backend.errors import DomainError, InvalidError
from streaming_app.backend.streams.stream_blocks import LENGTHS
from streaming_app.state import services, toast
from streaming_app.state.admin import AdminState
from streaming_app.state.admin_view_models import BlockView, LiveView, block_view, live_view
from streaming_app.state.page_commands import focus_first_error, keep_focus

BLOCK_LENGTHS = tuple(LENGTHS)
Events = list[rx.event.EventSpec]


@dataclass(frozen=True)
class CutOffErrors:
    """The error messages of the form that cuts a stream off."""

    reason: str = ""
    duration: str = ""


class AdminStreams(AdminState):
    """Lists and cuts off live streams."""

    live: list[LiveView] = []
    blocked: list[BlockView] = []
    chosen: LiveView = LiveView()
    """The stream whose form is open; has no id if none is."""
    errors: CutOffErrors = CutOffErrors()

    @rx.event
    async def open(self) -> None:
        """Load the streams; nothing for those who do not belong to the staff."""
        self.chosen, self.errors = LiveView(), CutOffErrors()
        await self._load()

    @rx.event
    async def refresh(self) -> None:
        """Load the streams again."""
        await self._load()

    @rx.event
    def choose(self, channel_id: str) -> None:
        """Open the form for a stream; an empty id closes it."""
        self.errors = CutOffErrors()
        self.chosen = next((each for each in self.live if each.channel_id == channel_id), LiveView())

    @rx.event
    async def cut_off(self, form: dict[str, str]) -> Events:
        """Cut off the chosen stream."""
        self.errors = CutOffErrors()
        channel_id, reason, length = str(self.chosen.channel_id), form.get("reason", ""), form.get("duration", "")
        try:
            await services.current().live_administration.cut_off(await self._actor(), channel_id, reason, length)
        except InvalidError as refused:
            self.errors = CutOffErrors(**refused.fields)
            return [focus_first_error()]
        except DomainError as refused:
            return [toast.error(refused.public_message)]
        self.chosen = LiveView()
        await self._load()
        return [toast.success("The stream is cut off."), keep_focus()]

    @rx.event
    async def allow(self, channel_id: str) -> Events:
        """Allow a blocked channel to stream again."""
        try:
            await services.current().live_administration.allow(await self._actor(), str(channel_id))
        except DomainError as refused:
            return [toast.error(refused.public_message)]
        await self._load()
        return [toast.success("The channel may stream again."), keep_focus()]

    async def _load(self) -> None:
        try:
            actor = await self._actor()
        except DomainError:
            self.live, self.blocked = [], []
            return
        backend = services.current()
        self.live = [
            live_view(each, backend.audience.viewers(each.channel.channel_id))
            for each in await backend.live_administration.live(actor)
        ]
        self.blocked = [block_view(each) for each in await backend.live_administration.blocked(actor)]
