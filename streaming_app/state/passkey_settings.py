"""The state of the passkeys in the settings."""

from dataclasses import dataclass

import reflex as rx

from streaming_app.backend.accounts.passkeys import Challenge
from streaming_app.backend.errors import ConflictError, DomainError, ForbiddenError, InvalidError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.page_commands import focus_first_error, reset_form, run_in_page
from streaming_app.state.passkey_sign_in import relying_party_of
from streaming_app.state.reauthentication import recent_user, refusal
from streaming_app.state.session import SessionState, acting_user_id

NEW_PASSKEY_FORM = "new-passkey"


@dataclass(frozen=True)
class PasskeyView:
    """A passkey of the user, as the page shows it."""

    public_id: str = ""
    name: str = ""
    added_at: str = ""
    """ISO 8601, UTC."""
    used_at: str = ""
    """ISO 8601, UTC; empty if it was never used to sign in."""


class PasskeySettings(SessionState):
    """Lists, adds and removes the passkeys of the user."""

    passkeys: list[PasskeyView] = []
    """Newest first."""
    is_loaded: bool = False
    unavailable: str = ""
    """Why no passkey can be added on this page; empty if it can."""
    name_error: str = ""
    _challenge: Challenge | None = None
    _name: str = ""

    @rx.event
    async def open(self) -> None:
        """Load the passkeys; the list is empty for signed-out users."""
        self.name_error, self.unavailable, self._challenge = "", "", None
        try:
            await self._show(await acting_user_id(self))
            relying_party_of(self)
        except NotSignedInError:
            self.passkeys, self.is_loaded = [], False
        except ConflictError as refused:
            self.unavailable = refused.public_message

    @rx.event
    async def add(self, form: dict[str, str]) -> rx.event.EventSpec:
        """Let the browser create a passkey."""
        self.name_error = ""
        try:
            user = await recent_user(self)
            challenge = await services.current().passkeys.start_registration(user, relying_party_of(self))
        except DomainError as refused:
            return await refusal(self, refused, "add", form)
        self._challenge, self._name = challenge, form.get("name", "")
        return run_in_page("createPasskey", challenge.options, answer=PasskeySettings.created)

    @rx.event
    async def created(self, passkey_answer: str) -> list[rx.event.EventSpec] | rx.event.EventSpec:
        """Add the passkey that the browser has created. Each challenge is used once."""
        challenge, self._challenge = self._challenge, None
        address = self.router.session.client_ip
        try:
            user = await recent_user(self)
            if challenge is None:
                raise ForbiddenError("This took too long. Try again.")
            passkeys, party = services.current().passkeys, relying_party_of(self)
            await passkeys.register(user, party, challenge, passkey_answer, self._name, address)
            await self._show(user.user_id)
        except InvalidError as refused:
            self.name_error = refused.public_message
            return focus_first_error()
        except DomainError as refused:
            return await refusal(self, refused, "add", {"name": self._name})
        return [reset_form(NEW_PASSKEY_FORM), toast.success("Passkey added.")]

    @rx.event
    async def remove(self, public_id: str) -> rx.event.EventSpec:
        """Remove a passkey of the user."""
        try:
            user = await recent_user(self)
            await services.current().passkeys.remove(user, str(public_id), self.router.session.client_ip)
            await self._show(user.user_id)
        except DomainError as refused:
            return await refusal(self, refused, "remove", str(public_id))
        return toast.success("Passkey removed.")

    async def _show(self, user_id: str) -> None:
        found = await services.current().passkeys.list_by_user(user_id)
        self.is_loaded = True
        self.passkeys = [
            PasskeyView(
                public_id=each.public_id,
                name=each.name,
                added_at=each.added_at.isoformat(),
                used_at=each.used_at.isoformat() if each.used_at else "",
            )
            for each in found
        ]
