"""The states of the authenticator app in the settings: its setup, and its recovery codes."""

from dataclasses import dataclass, field
from urllib.parse import quote

import reflex as rx
import segno

from streaming_app import routes
from streaming_app.backend.errors import DomainError, InvalidError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.page_commands import focus_first_error
from streaming_app.state.reauthentication import recent_user, refusal
from streaming_app.state.session import SessionState, acting_user_id

_QUIET_ZONE = 4
"""Width of the light border that readers of QR codes need, in modules."""


@dataclass(frozen=True)
class ShownCodes:
    """Recovery codes that were just created. They are shown only once."""

    codes: list[str] = field(default_factory=list[str])
    text: str = ""
    """All codes, one in each line."""
    file: str = ""
    """The URL of a text file with all codes."""


class AuthenticatorSettings(SessionState):
    """Shows whether the account has an authenticator app, removes it, and creates new recovery codes."""

    is_loaded: bool = False
    is_on: bool = False
    added_at: str = ""
    """ISO 8601, UTC."""
    codes_left: int = 0
    recovery: ShownCodes = ShownCodes()

    @rx.event
    async def open(self) -> None:
        """Load the state of the account; nothing for signed-out users."""
        self.recovery = ShownCodes()
        try:
            await self._show(await acting_user_id(self))
        except NotSignedInError:
            self.is_loaded = self.is_on = False

    @rx.event
    async def replace_codes(self) -> rx.event.EventSpec | None:
        """Create and show new recovery codes."""
        self.recovery = ShownCodes()
        try:
            user = await recent_user(self)
            backend, address = services.current(), self.router.session.client_ip
            codes = await backend.authenticators.replace_recovery_codes(user, address)
            self.recovery = _shown(codes)
            await self._show(user.user_id)
        except DomainError as refused:
            return await refusal(self, refused, "replace_codes")
        return None

    @rx.event
    async def turn_off(self) -> rx.event.EventSpec:
        """Remove the app and the recovery codes."""
        self.recovery = ShownCodes()
        try:
            user = await recent_user(self)
            await services.current().authenticators.disable(user, self.router.session.client_ip)
            await self._show(user.user_id)
        except DomainError as refused:
            return await refusal(self, refused, "turn_off")
        return toast.success("Two-step sign-in is off.")

    async def _show(self, user_id: str) -> None:
        app = await services.current().authenticators.app_of(user_id)
        self.is_loaded, self.is_on = True, app is not None
        self.added_at = app.added_at.isoformat() if app else ""
        self.codes_left = len(app.recovery_code_hashes) if app else 0


class AuthenticatorSetup(SessionState):
    """The setup of an authenticator app: its secret as QR code and text, and a first code."""

    secret: str = ""
    """In groups of four characters; empty until the page has loaded, and after the setup."""
    qr_path: str = ""
    """The dark modules of the QR code, as an SVG path of squares of size 1."""
    qr_size: int = 0
    """Number of modules in a row of the QR code."""
    code_error: str = ""
    recovery: ShownCodes = ShownCodes()
    _secret: str = ""

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Create a new secret, if the sign-in is recent and the account has no app."""
        self.secret = self._secret = self.qr_path = self.code_error = ""
        self.recovery = ShownCodes()
        try:
            user = await recent_user(self)
        except NotSignedInError:
            return None
        except DomainError as refused:
            return await refusal(self, refused)
        authenticators = services.current().authenticators
        if await authenticators.app_of(user.user_id):
            return rx.redirect(routes.SECURITY)
        setup = authenticators.start_setup(user)
        self._secret, self.secret = setup.secret, _in_groups(setup.secret)
        self.qr_path, self.qr_size = _qr_code(setup.uri)
        return None

    @rx.event
    async def enable(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Check the first code of the app, and show the recovery codes."""
        self.code_error = ""
        try:
            user = await recent_user(self)
            backend, address = services.current(), self.router.session.client_ip
            codes = await backend.authenticators.enable(user, self._secret, form.get("code", ""), address)
            self.recovery = _shown(codes)
            self.secret = self._secret = self.qr_path = ""
        except InvalidError as refused:
            self.code_error = refused.public_message
            return focus_first_error()
        except DomainError as refused:
            return await refusal(self, refused)
        return None


def _shown(codes: list[str]) -> ShownCodes:
    text = "\n".join(codes)
    return ShownCodes(codes, text, f"data:text/plain;charset=utf-8,{quote(text)}")


def _in_groups(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _qr_code(text: str) -> tuple[str, int]:
    """Return the QR code of ``text`` as an SVG path, and its width."""
    rows = list(segno.make(text, error="m").matrix_iter(border=_QUIET_ZONE))
    dark = [(x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark]
    return "".join(f"M{x} {y}h1v1h-1z" for x, y in dark), len(rows)
