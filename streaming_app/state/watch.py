"""One channel, as the watch page shows it."""

from datetime import UTC, datetime

import reflex as rx

from streaming_app import routes
from streaming_app.backend.errors import NotFoundError
from streaming_app.state import services
from streaming_app.state.recording_views import RecordingView, recording_view
from streaming_app.state.views import ChannelView, channel_view


class WatchState(rx.State):
    """The channel of the address."""

    channel: ChannelView = ChannelView()
    missing: bool = False
    recordings: list[RecordingView] = []
    """Newest first."""

    @rx.event
    async def open(self) -> None:
        """Show the channel of the address, or that there is none."""
        slug = routes.slug_of(str(self.router.url.path))
        if slug != self.channel.slug:
            self.channel, self.recordings = ChannelView(), []
        try:
            self.channel, self.recordings = await _view_of(slug)
            self.missing = False
        except NotFoundError:
            self.missing = True

    @rx.event
    async def stream_changed(self, _state: str) -> None:
        """The feed says that the stream, or its words, changed: look at it anew."""
        if self.channel.slug:
            self.channel, self.recordings = await _view_of(self.channel.slug)


async def _view_of(slug: str) -> tuple[ChannelView, list[RecordingView]]:
    backend = services.current()
    channel = await backend.channels.by_slug(slug)
    stream = await backend.streams.current(channel.channel_id)
    recordings = await backend.recordings.watchable(channel.channel_id)
    view = channel_view(channel, stream, backend.audience.viewers(channel.channel_id), datetime.now(UTC))
    return view, [recording_view(channel, recording) for recording in recordings]
