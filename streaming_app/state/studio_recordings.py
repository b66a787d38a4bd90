"""The state of the recordings in the studio."""

import reflex as rx

from streaming_app.backend.errors import DomainError, NotSignedInError
from streaming_app.backend.streams.model import StreamState
from streaming_app.state import services, toast
from streaming_app.state.recording_view_models import RecordingView, recording_view, size
from streaming_app.state.session import SessionState, acting_user_id
from streaming_app.state.studio import StudioState


class StudioRecordings(SessionState):
    """The recordings of the user's own channel, their storage quota, and the switch that turns recording on or off."""

    records: bool = False
    recordings: list[RecordingView] = []
    """Finished recordings, newest first."""
    used: str = ""
    quota: str = ""
    used_percent: int = 0
    kept_days: int = 0
    _stream_id: str = ""
    """Id of the channel's stream when ``refresh`` last loaded the recordings."""

    @rx.event
    async def open(self) -> None:
        """Load the recordings; the list is empty for signed-out users."""
        try:
            await self._show(await acting_user_id(self))
        except NotSignedInError:
            self.recordings = []

    @rx.event
    async def refresh(self, state: str) -> None:
        """Load the recordings again if a stream has started or ended. The feed has sent its new ``state``."""
        stream_id = str((await self.get_state(StudioState)).channel.stream_id)
        if self.username and (state == StreamState.OFFLINE or stream_id != self._stream_id):
            self._stream_id = stream_id
            await self.open()

    @rx.event
    async def record(self, records: bool) -> rx.event.EventSpec | None:  # noqa: FBT001 - as the switch calls it
        """Turn recording on or off."""
        try:
            user_id = await acting_user_id(self)
            await services.current().channels.set_records(user_id, records=bool(records))
            await self._show(user_id)
        except DomainError as refused:
            return toast.error(refused.public_message)
        if records:
            return toast.success("Your streams will be recorded.")
        return toast.success("Recording is off. Your existing recordings are kept.")

    @rx.event
    async def delete(self, recording_id: str) -> rx.event.EventSpec | None:
        """Delete one of the user's recordings."""
        try:
            user_id = await acting_user_id(self)
            await services.current().recordings.delete(user_id, str(recording_id))
            await self._show(user_id)
        except DomainError as refused:
            return toast.error(refused.public_message)
        return toast.success("Recording deleted.")

    async def _show(self, user_id: str) -> None:
        backend = services.current()
        library = await backend.recordings.library(user_id)
        self.records = library.channel.records
        self.recordings = [recording_view(library.channel, recording) for recording in library.finished]
        self.used, self.quota = size(library.used), size(library.limits.quota)
        self.used_percent = min(100, library.used * 100 // library.limits.quota)
        self.kept_days = max(1, library.limits.retention.days)
