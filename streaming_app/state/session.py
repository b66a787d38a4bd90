"""Who is looking at this tab."""

from collections.abc import Awaitable

import reflex as rx

from streaming_app import routes
from streaming_app.backend.accounts.cookies import session_token_in
from streaming_app.backend.accounts.model import User
from streaming_app.backend.errors import NotSignedInError
from streaming_app.state import services
from streaming_app.state.views import hue_of, initials_of

_SIGN_OUT = """
fetch(window.frontDoor("/api/auth/session"), {{method: "DELETE", credentials: "include"}})
  .then((answer) => answer.ok ? (window.location.replace("{home}"), "") : "Couldn't sign you out. Try again.")
  .catch(() => "No answer from the site. You are still signed in; try again.")
"""


class SessionState(rx.State):
    """The signed-in user of this tab; nobody until the cookie says otherwise.

    A state that holds what only its user may see is a substate of this one: it is emptied with it.
    """

    username: str = ""
    """Empty: signed out."""

    _user_id: str = ""
    _known: bool = False
    """Whether the cookie has been looked at since this state was made."""

    @rx.var
    def initials(self) -> str:
        """What the avatar shows."""
        return initials_of(self.username)

    @rx.var
    def hue(self) -> int:
        """The colour of the avatar."""
        return hue_of(self.username)

    @rx.var
    def slug(self) -> str:
        """Of the user's own channel."""
        return self.username.lower()

    @property
    def is_known(self) -> bool:
        """Whether this tab has been told who is looking. A state that expired has to be told again."""
        return self._known

    @property
    def verified(self) -> Awaitable[User]:
        """The user of the cookie, at this moment; raises ``NotSignedInError`` and empties the tab.

        No method, for browsers can call the public methods of a state.
        """
        return self._verify()

    @rx.event
    def sign_out(self) -> rx.event.EventSpec:
        """End the session; its end empties every tab of it."""
        return rx.call_script(_SIGN_OUT.format(home=routes.HOME), callback=SessionState.sign_out_failed)

    @rx.event
    def sign_out_failed(self, reason: str) -> rx.event.EventSpec | None:
        """Say so; an empty ``reason`` is success."""
        return rx.toast.error(reason) if reason else None

    async def _verify(self) -> User:
        try:
            user = await services.current().accounts.verify(session_token_in(self.router.headers.cookie))
        except NotSignedInError:
            self._be("", "")
            raise
        self._be(user.user_id, user.username)
        return user

    def _be(self, user_id: str, username: str) -> None:
        if user_id != self._user_id:
            self.reset()
        self._user_id, self.username, self._known = user_id, username, True


async def look(session: SessionState) -> str:
    """Take the user from the cookie, and forget everything about whoever it was before; their id, or nothing."""
    try:
        return (await session.verified).user_id
    except NotSignedInError:
        return ""


async def acting_user(state: rx.State) -> User:
    """Who acts in the tab of ``state``, by the session record of this moment; raises ``NotSignedInError``."""
    return await (await state.get_state(SessionState)).verified


async def acting_user_id(state: rx.State) -> str:
    """As ``acting_user``."""
    return (await acting_user(state)).user_id
