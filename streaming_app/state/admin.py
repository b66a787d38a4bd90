"""The base of the states of the administration: whether the signed-in user belongs to the staff."""

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.staff import Staff, staff_member
from streaming_app.backend.errors import DomainError
from streaming_app.state.session import SessionState, acting_user


class AdminState(SessionState):
    """The rights of the signed-in user. Pages show "There is no such page" unless ``may_administer``."""

    is_checked: bool = False
    """Whether the rights were checked since the page opened."""
    may_administer: bool = False
    is_admin: bool = False

    async def _actor(self) -> Staff:
        """Return the rights of the user, read now. Raises ``ForbiddenError`` or ``NotSignedInError``."""
        return self._with_rights(await self._user())

    async def _user(self) -> User:
        try:
            return await acting_user(self)
        except DomainError:
            self._set_rights(None)
            raise

    def _with_rights(self, user: User) -> Staff:
        try:
            actor = staff_member(user, self.router.session.client_ip)
        except DomainError:
            self._set_rights(None)
            raise
        self._set_rights(actor)
        return actor

    def _set_rights(self, actor: Staff | None) -> None:
        self.is_checked, self.may_administer = True, actor is not None
        self.is_admin = actor is not None and actor.is_admin
