"""What the viewer says. What everyone says comes by the feed, not through a state."""

import reflex as rx

from streaming_app.backend.errors import DomainError
from streaming_app.state import services
from streaming_app.state.session import SessionState
from streaming_app.state.watch import WatchState


class ChatState(rx.State):
    """The fate of the last message this tab sent."""

    max_length: int = 500
    receipt: int = 0
    """Rises with each answer; the box clears itself when ``refusal`` is empty then."""
    refusal: str = ""

    @rx.event
    async def send(self, text: str) -> None:
        """Post what the viewer typed; say why when it is refused."""
        channel = (await self.get_state(WatchState)).channel
        try:
            user_id = await (await self.get_state(SessionState)).user_id()
            await services.current().chat.post(str(channel.channel_id), user_id, text)
            self.refusal = ""
        except DomainError as refused:
            self.refusal = refused.public_message
        self.receipt += 1
