"""The live list."""

from datetime import UTC, datetime

import reflex as rx

from streaming_app.state import services
from streaming_app.state.views import ChannelView, live_list


class CatalogState(rx.State):
    """What is on the air, as the home page lists it."""

    streams: list[ChannelView] = []
    loaded: bool = False

    @rx.event
    async def refresh(self) -> None:
        """Ask again what is live."""
        backend = services.current()
        self.streams = live_list(await backend.streams.live(), backend.audience, datetime.now(UTC))
        self.loaded = True
