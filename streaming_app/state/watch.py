"""The state of the watch page."""

import reflex as rx

from streaming_app import routes
from streaming_app.backend.errors import NotFoundError
from streaming_app.state import services
from streaming_app.state.recording_view_models import RecordingView, recording_view
from streaming_app.state.view_models import ChannelView, channel_view


class WatchState(rx.State):
    """The channel of the page's URL when the page was opened. The browser gets later changes by the feed."""

    channel: ChannelView = ChannelView()
    missing: bool = False
    recordings: list[RecordingView] = []
    """Newest first."""

    @rx.event
    async def open(self) -> None:
        """Load the channel of the page's URL. Sets ``missing`` if it does not exist."""
        slug = routes.slug_of(str(self.router.url.path))
        if slug != self.channel.slug:
            self.channel, self.recordings = ChannelView(), []
        try:
            self.channel, self.recordings = await _view_of(slug)
            self.missing = False
        except NotFoundError:
            self.missing = True

    @rx.event
    async def stream_ended(self, ended_at: str) -> None:
        """Load the recordings again, because there may be one of the stream that has ended."""
        channel_id = str(self.channel.channel_id)
        if channel_id:
            channel, recordings = await services.current().recordings.watchable_since(channel_id, ended_at)
            self.recordings = [recording_view(channel, recording) for recording in recordings]


async def _view_of(slug: str) -> tuple[ChannelView, list[RecordingView]]:
    backend = services.current()
    channel, latest = await backend.streams.with_channel(slug)
    in_progress_id = latest.stream_id if latest and not latest.ended_at else ""
    recordings = await backend.recordings.watchable(channel.channel_id, in_progress_id)
    watchable = {recording.recording_id for recording in recordings}
    recording_id = latest.stream_id if latest and latest.stream_id in watchable else ""
    viewers = backend.audience.viewers(channel.channel_id)
    view = channel_view(channel, latest, viewers, recording_id)
    return view, [recording_view(channel, recording) for recording in recordings]
