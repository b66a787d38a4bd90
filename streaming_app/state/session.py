"""Who is looking at this tab."""

import reflex as rx

from streaming_app.backend.errors import NotSignedInError
from streaming_app.state.views import hue_of, initials_of


class SessionState(rx.State):
    """The signed-in user of this tab; nobody until the cookie says otherwise."""

    username: str = ""
    """Empty: signed out."""

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

    async def user_id(self) -> str:
        """Who is acting, by the session record of this moment; raises ``NotSignedInError``."""
        raise NotSignedInError

    @rx.event
    async def sign_out(self) -> None:
        """Be nobody."""
        self.username = ""
