"""The state of the follow button on the watch page."""

from collections.abc import AsyncGenerator

import reflex as rx

from streaming_app import routes
from streaming_app.backend.chat.model import Following
from streaming_app.backend.errors import DomainError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.page_commands import run_in_page
from streaming_app.state.session import SessionState, acting_user_id
from streaming_app.state.watch import WatchState

INTENT_MILLISECONDS = 15 * 60 * 1000
"""Maximum age of a stored intent to follow. An older intent is ignored."""


class FollowState(SessionState):
    """Whether the user follows the channel, and its number of followers.

    After a click, the button shows the new state at once, and the stored state after the service has answered.
    """

    following: bool = False
    followers: int = 0
    pending: bool = False

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Load the state for the channel of the page. Checks whether the user has just signed in to follow it."""
        self.pending = False
        await self._show(await self._channel_id())
        if not self.username or self.following:
            return None
        return run_in_page("readFollow", INTENT_MILLISECONDS, answer=FollowState.follow_after_sign_in)

    @rx.event
    async def follow_after_sign_in(self, slug: str) -> list[rx.event.EventSpec] | None:
        """Follow the channel ``slug`` after the sign-in and show a notice. Then remove the stored intent."""
        if not slug or slug != (await self.get_state(WatchState)).channel.slug:
            return None
        try:
            channel = await services.current().channels.by_slug(slug)
            await services.current().follows.follow(channel.channel_id, await acting_user_id(self))
        except DomainError as refused:
            return [toast.error(refused.public_message), run_in_page("forgetFollow")]
        await self._show(channel.channel_id)
        return [toast.success(f"You follow {channel.name} now."), run_in_page("forgetFollow")]

    @rx.event
    async def toggle(self) -> AsyncGenerator[rx.event.EventSpec | None]:
        """Follow or unfollow the channel. Redirects signed-out users to the sign-in page, which leads back here."""
        if self.pending:
            return
        channel_id, wanted, before = await self._channel_id(), not self.following, self.followers
        self.following, self.followers, self.pending = wanted, max(0, before + (1 if wanted else -1)), True
        yield None
        try:
            user_id = await acting_user_id(self)
            follows = services.current().follows
            await (follows.follow if wanted else follows.unfollow)(channel_id, user_id)
        except NotSignedInError:
            yield run_in_page("rememberFollow", str((await self.get_state(WatchState)).channel.slug))
            yield rx.redirect(str(routes.login(str(self.router.url.path))))
        except DomainError as refused:
            yield toast.error(refused.public_message)
        finally:
            self.following, self.followers, self.pending = not wanted, before, False
        await self._show(channel_id)

    async def _channel_id(self) -> str:
        return str((await self.get_state(WatchState)).channel.channel_id)

    async def _show(self, channel_id: str) -> None:
        following = Following(0, is_following=False)
        if channel_id:
            following = await services.current().follows.following(channel_id, self._user_id)
        self.followers, self.following = following.followers, following.is_following
