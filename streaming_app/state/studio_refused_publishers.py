"""The state of the refused publishers in the studio."""

from dataclasses import dataclass

import reflex as rx

from streaming_app.backend.errors import NotSignedInError
from streaming_app.backend.streams.refused_publishers import RefusedPublisher
from streaming_app.state import services
from streaming_app.state.session import SessionState, acting_user
from streaming_app.state.view_models import instant


@dataclass(frozen=True)
class RefusalView:
    """An encoder whose connection was refused."""

    at: str = ""
    """Time of the last attempt, ISO 8601, UTC."""
    address: str = ""
    software: str = ""
    reason: str = ""
    count: int = 1
    """Number of attempts."""


class StudioRefusals(SessionState):
    """The publishers that were refused on the user's own channel. Only the owner sees them."""

    refusals: list[RefusalView] = []
    """Newest first."""

    @rx.event
    async def open(self) -> None:
        """Load the refused publishers; the list is empty for signed-out users."""
        try:
            user = await acting_user(self)
        except NotSignedInError:
            self.refusals = []
            return
        backend = services.current()
        channel = await backend.channels.get_or_create(user)
        self.refusals = [_view(refusal) for refusal in backend.refused_publishers.newest(channel.channel_id)]


def _view(refusal: RefusedPublisher) -> RefusalView:
    return RefusalView(instant(refusal.at), refusal.address, refusal.software, refusal.reason, refusal.count)
