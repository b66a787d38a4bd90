"""One recording, as its page shows it."""

from datetime import UTC, datetime

import reflex as rx

from streaming_app import routes
from streaming_app.backend.errors import NotFoundError
from streaming_app.state import services
from streaming_app.state.recording_views import RecordingView, recording_view
from streaming_app.state.views import ChannelView, channel_view


class RecordingState(rx.State):
    """The recording of the address."""

    recording: RecordingView = RecordingView()
    channel: ChannelView = ChannelView()
    others: list[RecordingView] = []
    """What else there is of the channel, newest first."""
    missing: bool = False

    @rx.event
    async def open(self) -> None:
        """Show the recording of the address, or that there is none."""
        slug, recording_id = routes.recording_of(str(self.router.url.path))
        backend = services.current()
        try:
            channel, recording = await backend.recordings.get(slug, recording_id)
        except NotFoundError:
            self.missing = True
            return
        stream = await backend.streams.current(channel.channel_id)
        viewers = backend.audience.viewers(channel.channel_id)
        self.channel = channel_view(channel, stream, viewers, datetime.now(UTC))
        self.recording = recording_view(channel, recording)
        watchable = await backend.recordings.watchable(channel.channel_id)
        self.others = [recording_view(channel, other) for other in watchable if other.recording_id != recording_id]
        self.missing = False
