"""What the viewer says. What everyone says comes by the feed, not through a state."""

from secrets import token_hex

import reflex as rx

from streaming_app.backend.errors import DomainError
from streaming_app.state import services
from streaming_app.state.session import acting_user_id


class ChatState(rx.State):
    """The fate of the last message this tab sent."""

    max_length: int = 500
    """Characters in a message, as the site is set up."""
    receipt: str = ""
    """New with each answer; the box clears itself when ``refusal`` is empty then."""
    refusal: str = ""

    @rx.event
    def open(self) -> None:
        """Learn how the site is set up, when there is a box to write in."""
        self.max_length = services.current().settings.chat_max_length

    @rx.event
    async def send(self, channel_id: str, text: str) -> None:
        """Post what the viewer typed; say why when it is refused."""
        try:
            await services.current().chat.post(channel_id, await acting_user_id(self), text)
            self.refusal = ""
        except DomainError as refused:
            self.refusal = refused.public_message
        self.receipt = token_hex(8)
