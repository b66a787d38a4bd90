"""The states of the pages about users: the list, and one user."""

from dataclasses import dataclass
from urllib.parse import unquote

import reflex as rx

from streaming_app.backend.accounts.ports import UserGroup
from streaming_app.backend.accounts.user_administration import LENGTHS
from streaming_app.backend.errors import DomainError, InvalidError, NotFoundError
from streaming_app.state import services, toast
from streaming_app.state.admin import AdminState
from streaming_app.state.admin_view_models import ROLE_NAMES, AuditView, UserView, audit_view, user_view
from streaming_app.state.page_commands import focus_first_error, keep_focus
from streaming_app.state.reauthentication import recent_user, refusal

SUSPENSION_LENGTHS = tuple(LENGTHS)
ROLES = tuple((str(role), name) for role, name in ROLE_NAMES.items())
GROUPS = ((str(UserGroup.ALL), "All users"), (str(UserGroup.STAFF), "Staff"), (str(UserGroup.SUSPENDED), "Suspended"))
RECENT_ENTRIES = 10
Events = list[rx.event.EventSpec]


@dataclass(frozen=True)
class SuspensionErrors:
    """The error messages of the form that suspends a user."""

    reason: str = ""
    duration: str = ""


class AdminUsers(AdminState):
    """Searches users."""

    users: list[UserView] = []
    next_page: str = ""
    """Cursor of the next page; empty on the last page."""
    text: str = ""
    group: str = UserGroup.ALL

    @rx.event
    async def open(self) -> None:
        """Show the first users; nothing to those who do not belong to the staff."""
        self.text, self.group = "", UserGroup.ALL
        await self._load("")

    @rx.event
    async def search(self, form: dict[str, str]) -> None:
        """Show the users that the form asks for."""
        self.text, self.group = form.get("text", "")[:100], form.get("group", "")
        await self._load("")

    @rx.event
    async def more(self) -> None:
        """Add the next page to the list."""
        await self._load(str(self.next_page))

    async def _load(self, after: str) -> None:
        try:
            actor = await self._actor()
        except DomainError:
            self.users, self.next_page = [], ""
            return
        group = UserGroup(self.group) if self.group in set(UserGroup) else UserGroup.ALL
        found = await services.current().users.search(actor, str(self.text), group, after)
        shown = [user_view(user, actor) for user in found.users]
        self.users = [*self.users, *shown] if after else shown
        self.next_page = found.next_page


class AdminUser(AdminState):
    """One user, and what staff do with their account."""

    user: UserView = UserView()
    missing: bool = False
    entries: list[AuditView] = []
    """The newest entries of the audit log about the user; empty unless the viewer is an admin."""
    errors: SuspensionErrors = SuspensionErrors()

    @rx.event
    async def open(self) -> None:
        """Load the user of the current URL."""
        self.user, self.missing, self.entries, self.errors = UserView(), False, [], SuspensionErrors()
        name = unquote(str(self.router.url.path).rstrip("/").rpartition("/")[2])
        try:
            actor = await self._actor()
            found = await services.current().users.get(actor, name)
        except NotFoundError:
            self.missing = True
        except DomainError:
            return
        else:
            await self._show(found.user_id)

    @rx.event
    async def suspend(self, form: dict[str, str]) -> Events:
        """Suspend the user for the chosen time."""
        self.errors = SuspensionErrors()
        user_id, reason, length = str(self.user.user_id), form.get("reason", ""), form.get("duration", "")
        try:
            await services.current().users.suspend(await self._actor(), user_id, reason, length)
        except InvalidError as refused:
            self.errors = SuspensionErrors(**refused.fields)
            return [focus_first_error()]
        except DomainError as refused:
            return [toast.error(refused.public_message)]
        return await self._done("The user is suspended and signed out.")

    @rx.event
    async def unsuspend(self) -> Events:
        """Lift the suspension."""
        try:
            await services.current().users.unsuspend(await self._actor(), str(self.user.user_id))
        except DomainError as refused:
            return [toast.error(refused.public_message)]
        return await self._done("The suspension is lifted.")

    @rx.event
    async def sign_out_user(self) -> Events:
        """End all sessions of the user."""
        try:
            await services.current().users.sign_out(await self._actor(), str(self.user.user_id))
        except DomainError as refused:
            return [toast.error(refused.public_message)]
        return await self._done("The user is signed out everywhere.")

    @rx.event
    async def set_role(self, form: dict[str, str]) -> Events:
        """Change the role. The admin must have authenticated recently."""
        try:
            actor = self._with_rights(await recent_user(self))
            await services.current().users.set_role(actor, str(self.user.user_id), form.get("role", ""))
        except DomainError as refused:
            return [await refusal(self, refused, "set_role", form)]
        return await self._done("The role is changed.")

    @rx.event
    async def delete_account(self) -> Events:
        """Order the deletion of the account. The admin must have authenticated recently."""
        try:
            actor, backend = self._with_rights(await recent_user(self)), services.current()
            user = await backend.users.get_by_id(actor, str(self.user.user_id))
            await backend.account_data.deletion.order(actor, user, at_once=False)
        except DomainError as refused:
            return [await refusal(self, refused, "delete_account")]
        return await self._done("The user is signed out, and the account will be deleted.")

    async def _done(self, text: str) -> Events:
        await self._show(str(self.user.user_id))
        return [toast.success(text), keep_focus()]

    async def _show(self, user_id: str) -> None:
        actor, backend = await self._actor(), services.current()
        user = await backend.users.get_by_id(actor, user_id)
        self.user = user_view(user, actor)
        if actor.is_admin:
            entries = await backend.audit_log.newest(RECENT_ENTRIES, name=user.username)
            self.entries = [audit_view(entry) for entry in entries]
