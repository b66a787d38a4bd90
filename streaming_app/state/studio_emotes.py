"""The state of the emote list in the studio."""

import reflex as rx

from streaming_app.backend.chat.emote_policy import EMOTES_MAX
from streaming_app.backend.errors import DomainError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.page_commands import focus_first_error
from streaming_app.state.session import SessionState, acting_user
from streaming_app.state.view_models import EmoteView, emote_view


class StudioEmotes(SessionState):
    """Lists and deletes the emotes of the user's own channel. Uploads use the HTTP API instead of events."""

    emotes: list[EmoteView] = []
    """Sorted by name."""
    most: int = EMOTES_MAX
    name_error: str = ""
    picture_error: str = ""
    form_error: str = ""
    """An error of the upload that concerns no single field."""

    @rx.event
    async def open(self) -> None:
        """Load the emotes; the list is empty when signed out."""
        try:
            channel = await services.current().channels.get_or_create(await acting_user(self))
        except NotSignedInError:
            self.emotes = []
            return
        await self._show(channel.channel_id)

    @rx.event
    async def answered(self, name: str, fields: dict[str, str], message: str) -> rx.event.EventSpec:
        """Show the errors of an upload. Without errors, the emote was added: load the list again."""
        self.name_error, self.picture_error = fields.get("name", ""), fields.get("picture", "")
        self.form_error = "" if fields else message
        if fields or message:
            return focus_first_error()
        await self.open()
        return toast.success(f"Emote added. Chatters can now use :{name}:.")

    @rx.event
    async def delete(self, emote_id: str) -> rx.event.EventSpec:
        """Delete one of the user's emotes."""
        try:
            owner = await acting_user(self)
            channel = await services.current().channels.get_or_create(owner)
            await services.current().emotes.remove(channel.channel_id, owner.user_id, str(emote_id))
            await self._show(channel.channel_id)
        except DomainError as refused:
            return toast.error(refused.public_message)
        return toast.success("Emote deleted.")

    async def _show(self, channel_id: str) -> None:
        self.emotes = [emote_view(emote) for emote in await services.current().emotes.of(channel_id)]
