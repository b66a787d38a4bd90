"""The state of the page about invitations."""

from dataclasses import dataclass

import reflex as rx

from streaming_app import routes
from streaming_app.backend.accounts.invitations import LIFETIMES, Invitation
from streaming_app.backend.errors import DomainError, InvalidError
from streaming_app.state import services, toast
from streaming_app.state.admin import AdminState
from streaming_app.state.page_commands import focus_first_error, keep_focus, reset_form

INVITATION_LIFETIMES = tuple(LIFETIMES)
INVITATION_FORM = "invitation-form"
Events = list[rx.event.EventSpec]


@dataclass(frozen=True)
class InvitationView:
    """An invitation, without its secret."""

    invitation_id: str = ""
    note: str = ""
    by: str = ""
    expires_at: str = ""
    """ISO 8601, UTC."""
    uses: int = 0
    uses_max: int = 0


@dataclass(frozen=True)
class InvitationErrors:
    """The error messages of the form for a new invitation."""

    uses: str = ""
    lifetime: str = ""
    note: str = ""


class AdminInvitations(AdminState):
    """Creates, lists and revokes invitations."""

    mode: str = ""
    """The setting REGISTRATION."""
    invitations: list[InvitationView] = []
    link: str = ""
    """The link of the invitation that was just created. It is shown only once."""
    errors: InvitationErrors = InvitationErrors()

    @rx.event
    async def open(self) -> None:
        """Load the invitations; nothing for others than admins."""
        self.link, self.errors = "", InvitationErrors()
        self.mode = services.current().settings.registration
        await self._load()

    @rx.event
    async def create(self, form: dict[str, str]) -> Events:
        """Create an invitation and show its link."""
        self.link, self.errors = "", InvitationErrors()
        values = form.get("uses", "").strip(), form.get("lifetime", ""), form.get("note", "")
        try:
            secret = await services.current().invitations.create(await self._actor(), *values)
        except InvalidError as refused:
            self.errors = InvitationErrors(**refused.fields)
            return [focus_first_error()]
        except DomainError as refused:
            return [toast.error(refused.public_message)]
        public_url = services.current().settings.public_url
        origin = str(public_url).rstrip("/") if public_url else str(self.router.url.origin)
        self.link = f"{origin}{routes.REGISTER}#{secret}"
        await self._load()
        return [reset_form(INVITATION_FORM)]

    @rx.event
    async def revoke(self, invitation_id: str) -> Events:
        """Revoke an invitation."""
        self.link = ""
        try:
            await services.current().invitations.revoke(await self._actor(), str(invitation_id))
        except DomainError as refused:
            return [toast.error(refused.public_message)]
        await self._load()
        return [toast.success("The invitation is revoked."), keep_focus()]

    async def _load(self) -> None:
        try:
            found = await services.current().invitations.list_valid(await self._actor())
        except DomainError:
            self.invitations = []
            return
        self.invitations = [_view(invitation) for invitation in found]


def _view(invitation: Invitation) -> InvitationView:
    return InvitationView(
        invitation.invitation_id,
        invitation.note,
        invitation.created_by,
        invitation.expires_at.isoformat(),
        invitation.uses,
        invitation.uses_max,
    )
