"""The live list."""

import reflex as rx

from streaming_app.backend.streams.summary import live_digest
from streaming_app.state import services
from streaming_app.state.views import ChannelView, live_list


class CatalogState(rx.State):
    """What is on the air, as the home page lists it."""

    streams: list[ChannelView] = []
    loaded: bool = False
    digest: str = ""
    """Of the list, as the catalog's feed tells it."""

    @rx.event
    async def open(self) -> None:
        """Show what is live."""
        await self._show("")

    @rx.event
    async def refresh(self, digest: str) -> None:
        """Show what is live now that the feed has told of another ``digest``."""
        await self._show(digest)

    async def _show(self, heard: str) -> None:
        backend = services.current()
        broadcasts = await backend.streams.live_as_of(heard)
        self.streams = live_list(broadcasts, backend.audience)
        self.digest = live_digest(broadcasts)
        self.loaded = True
