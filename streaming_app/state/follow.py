"""The state of the follow button on the watch page."""

from collections.abc import AsyncGenerator, Callable
from time import time

import reflex as rx

from streaming_app import routes
from streaming_app.backend.chat.model import Following
from streaming_app.backend.errors import DomainError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.session import SessionState, acting_user_id
from streaming_app.state.watch import WatchState

INTENT_SECONDS = 15 * 60
"""Maximum age of a stored intent to follow. An older intent is ignored."""


class FollowIntent(rx.State):
    """The channel that a signed-out viewer wants to follow. The browser keeps it while the viewer signs in.

    It is in the ``sessionStorage`` of the tab, to which other sites cannot write.
    """

    slug_and_time: str = rx.SessionStorage("", name="follow")
    _taken: str = ""
    """The last intent that was followed. The browser may send it once more: it does not store changes that it receives
    together with the state of a page that is being loaded."""

    @rx.event
    def remember(self, slug: str) -> None:
        """Store that the viewer wants to follow the channel ``slug``."""
        self.slug_and_time = f"{slug} {int(time())}"

    @property
    def take(self) -> Callable[[str], bool]:
        """What ``FollowState.open`` calls. A property, because browsers can call the public methods of a state."""
        return self._take

    def _take(self, slug: str) -> bool:
        """Return whether the viewer wants to follow the channel ``slug``, and said so recently. Then forget it."""
        intent = str(self.slug_and_time)
        stored, _, at = intent.partition(" ")
        if not slug or stored != slug or intent == self._taken:
            return False
        self.slug_and_time, self._taken = "", intent
        return at.isdecimal() and 0 <= time() - int(at) < INTENT_SECONDS


class FollowState(SessionState):
    """Whether the user follows the channel, and its number of followers.

    After a click, the button shows the new state at once, and the stored state after the service has answered.
    """

    following: bool = False
    followers: int = 0
    pending: bool = False

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Load the state for the channel of the page. Follows the channel if the user has just signed in to do so."""
        self.pending = False
        channel = (await self.get_state(WatchState)).channel
        await self._show(str(channel.channel_id))
        if not self.username or self.following or not (await self.get_state(FollowIntent)).take(str(channel.slug)):
            return None
        try:
            await services.current().follows.follow(str(channel.channel_id), await acting_user_id(self))
        except DomainError as refused:
            return toast.error(refused.public_message)
        await self._show(str(channel.channel_id))
        return toast.success(f"You follow {channel.name} now.")

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
            (await self.get_state(FollowIntent)).remember(str((await self.get_state(WatchState)).channel.slug))
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
