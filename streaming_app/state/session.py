"""The session state of a tab: its signed-in user."""

from collections.abc import Awaitable

import reflex as rx

from streaming_app import routes
from streaming_app.backend.accounts.avatars import avatar_path
from streaming_app.backend.accounts.cookies import session_token_in
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.staff import is_staff
from streaming_app.backend.errors import LeavingError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.page_commands import run_in_page
from streaming_app.state.view_models import hue_of, initials_of


class SessionState(rx.State):
    """The signed-in user of this tab.

    States with private data of the user are substates of this one, because they are cleared together with it.
    """

    username: str = ""
    """Empty if nobody is signed in."""
    deletes_at: str = ""
    """When the account of the session will be deleted (ISO 8601); empty if it will not. The user is then signed out."""
    leaving_username: str = ""
    """The name of that account."""
    is_staff: bool = False
    """Whether the menu offers the administration. Its services check the rights again."""

    name: str = ""
    """The display name, or else the username."""
    avatar: str = ""
    """URL path of the user's picture; empty if there is none."""
    should_confirm_email: bool = False
    """Whether the user can confirm their email, and has not."""

    _user_id: str = ""
    _known: bool = False
    """Whether the session cookie was checked since this state was created."""

    @rx.var
    def initials(self) -> str:
        """Initials for the avatar."""
        return initials_of(self.name)

    @rx.var
    def hue(self) -> int:
        """Hue of the avatar's colour."""
        return hue_of(self.username)

    @rx.var
    def slug(self) -> str:
        """Slug of the user's own channel."""
        return self.username.lower()

    @property
    def is_known(self) -> bool:
        """Whether the session was checked. A new state, created after the old one expired, is not."""
        return self._known

    @property
    def verified(self) -> Awaitable[User]:
        """Verify the session and return the user. Without a session, clear the tab and raise ``NotSignedInError``.

        A property, because browsers can call the public methods of a state.
        """
        return self._verify()

    @rx.event
    def sign_out(self) -> rx.event.EventSpec:
        """Sign out. The server then clears all tabs of the session."""
        return run_in_page("signOut", routes.HOME, answer=SessionState.sign_out_failed)

    @rx.event
    def sign_out_failed(self, reason: str) -> rx.event.EventSpec:
        """Show the error message. A browser that could sign out leaves the page instead."""
        return toast.error(reason)

    async def _verify(self) -> User:
        try:
            user = await services.current().accounts.sessions.verify(session_token_in(self.router.headers.cookie))
        except NotSignedInError as refused:
            self._set_user("", "")
            if isinstance(refused, LeavingError):
                self.deletes_at, self.leaving_username = refused.deletes_at.isoformat(), refused.username
            raise
        self._set_user(user.user_id, user.username)
        self.name, self.avatar = user.shown_name, avatar_path(user.avatar_id)
        self.should_confirm_email = services.current().emails.should_confirm(user)
        self.is_staff = is_staff(user)
        return user

    def _set_user(self, user_id: str, username: str) -> None:
        if user_id != self._user_id:
            self.reset()
        self._user_id, self.username, self._known = user_id, username, True
        self.deletes_at = self.leaving_username = ""


async def refresh_user(session: SessionState) -> User | None:
    """Verify the session, clear the tab if its user has changed, and return the user; ``None`` if signed out."""
    try:
        return await session.verified
    except NotSignedInError:
        return None


async def acting_user(state: rx.State) -> User:
    """Return the user who acts in this tab, verified now; raises ``NotSignedInError``."""
    return await (await state.get_state(SessionState)).verified


async def acting_user_id(state: rx.State) -> str:
    """Return the id of ``acting_user``; raises ``NotSignedInError``."""
    return (await acting_user(state)).user_id
