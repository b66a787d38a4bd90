"""The state of the page of a recording."""

import reflex as rx

from streaming_app import routes
from streaming_app.backend.errors import NotFoundError
from streaming_app.backend.streams.model import Channel
from streaming_app.state import services
from streaming_app.state.recording_view_models import RecordingView, recording_view
from streaming_app.state.view_models import ChannelView, channel_view


class RecordingState(rx.State):
    """The recording of the page's URL."""

    recording: RecordingView = RecordingView()
    channel: ChannelView = ChannelView()
    others: list[RecordingView] = []
    """Other recordings of the channel, newest first."""
    missing: bool = False

    @rx.event
    async def open(self) -> None:
        """Load the recording of the page's URL. Sets ``missing`` if it does not exist."""
        slug, recording_id = routes.recording_of(str(self.router.url.path))
        backend = services.current()
        try:
            channel, recording = await backend.recordings.get(slug, recording_id)
        except NotFoundError:
            self.missing, self.recording, self.others = True, RecordingView(), []
            self.channel = await _channel_of(slug)
            return
        self.channel = await _view_of(channel)
        self.recording = recording_view(channel, recording)
        watchable = await backend.recordings.watchable(channel.channel_id)
        self.others = [recording_view(channel, other) for other in watchable if other.recording_id != recording_id]
        self.missing = False


async def _channel_of(slug: str) -> ChannelView:
    """Return the channel whose recording is missing; an empty view if the channel is missing too."""
    try:
        return await _view_of(await services.current().channels.by_slug(slug))
    except NotFoundError:
        return ChannelView()


async def _view_of(channel: Channel) -> ChannelView:
    backend = services.current()
    stream = await backend.streams.current(channel.channel_id)
    return channel_view(channel, stream, backend.audience.viewers(channel.channel_id))
