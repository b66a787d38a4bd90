"""The state of the home page."""

import reflex as rx

from streaming_app.backend.streams.summary import live_digest
from streaming_app.state import services
from streaming_app.state.view_models import ChannelView, live_list


class HomeState(rx.State):
    """The live streams, as the home page lists them."""

    streams: list[ChannelView] = []
    loaded: bool = False
    digest: str = ""
    """Digest of the list, in the form that the catalog's feed sends."""

    @rx.event
    async def open(self) -> None:
        """Load the live streams."""
        await self._show("")

    @rx.event
    async def refresh(self, digest: str) -> None:
        """Load the live streams again after the feed has sent another ``digest``."""
        await self._show(digest)

    async def _show(self, heard: str) -> None:
        backend = services.current()
        broadcasts = await backend.streams.live_as_of(heard)
        self.streams = live_list(broadcasts, backend.audience)
        self.digest = live_digest(broadcasts)
        self.loaded = True
