"""The state of the list of sessions in the settings."""

from dataclasses import dataclass

import reflex as rx

from streaming_app.backend.accounts.cookies import session_token_in
from streaming_app.backend.accounts.model import Session
from streaming_app.backend.errors import DomainError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.session import SessionState


@dataclass(frozen=True)
class SessionView:
    """A session of the user, as the page shows it."""

    public_id: str = ""
    device: str = ""
    address: str = ""
    seen_at: str = ""
    """ISO 8601, UTC."""
    is_current: bool = False


class SessionList(SessionState):
    """Lists and ends the sessions of the user."""

    sessions: list[SessionView] = []
    """This browser's session first, then the newest."""

    @rx.var
    def has_others(self) -> bool:
        """Whether the user is signed in in another browser too."""
        return len(self.sessions) > 1

    @rx.event
    async def open(self) -> None:
        """Load the sessions; the list is empty for signed-out users."""
        try:
            await self._show()
        except NotSignedInError:
            self.sessions = []

    @rx.event
    async def end(self, public_id: str) -> rx.event.EventSpec:
        """Sign one browser out."""
        try:
            await services.current().accounts.sessions.end(self._token(), str(public_id), self.router.session.client_ip)
            await self._show()
        except DomainError as refused:
            return toast.error(refused.public_message)
        return toast.success("Signed out.")

    @rx.event
    async def end_others(self) -> rx.event.EventSpec:
        """Sign all other browsers out."""
        try:
            await services.current().accounts.sessions.end_others(self._token(), self.router.session.client_ip)
            await self._show()
        except DomainError as refused:
            return toast.error(refused.public_message)
        return toast.success("All other browsers are signed out.")

    async def _show(self) -> None:
        sessions = await services.current().accounts.sessions.list_of(self._token())
        self.sessions = [_view(session, is_current=number == 0) for number, session in enumerate(sessions)]

    def _token(self) -> str:
        return session_token_in(self.router.headers.cookie)


def _view(session: Session, *, is_current: bool) -> SessionView:
    return SessionView(
        public_id=session.public_id,
        device=session.device or "Unknown browser",
        address=session.address,
        seen_at=(session.seen_at or session.created_at).isoformat(),
        is_current=is_current,
    )
