"""The state of the page with which viewers report a message, a stream or a user."""

from dataclasses import dataclass

import reflex as rx

from streaming_app import routes
from streaming_app.backend.errors import DomainError, InvalidError, NotFoundError, NotSignedInError
from streaming_app.backend.reports.model import REASONS
from streaming_app.backend.reports.service import TEXT_MAX
from streaming_app.state import services
from streaming_app.state.page_commands import focus_first_error
from streaming_app.state.session import SessionState, acting_user

REPORT_REASONS = (("", "Choose a reason"), *REASONS.items())
REPORT_TEXT_MAX = TEXT_MAX


@dataclass(frozen=True)
class ReportErrors:
    """The error messages of the form."""

    kind: str = ""
    reason: str = ""
    text: str = ""
    form: str = ""


class ReportState(SessionState):
    """Shows what is reported, and files the report."""

    step: str = ""
    """A form ``about a message`` or ``about a channel``, which is then ``sent``; empty until known."""
    channel_slug: str = ""
    name: str = ""
    """The user who is reported; empty until the page is loaded."""
    quote: str = ""
    """The text of the message; empty for a report about the channel."""
    missing: bool = False
    errors: ReportErrors = ReportErrors()
    _message_id: str = ""

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Load the channel and the message of the current URL. Redirects signed-out users to the sign-in page."""
        slug = routes.slug_of(str(self.router.url.path))
        message_id = self.router.url.query_parameters.get(routes.MESSAGE, "")[:100]
        try:
            await acting_user(self)
        except NotSignedInError:
            query = f"?{routes.MESSAGE}={message_id}" if message_id else ""
            return rx.redirect(str(routes.login(str(routes.report(slug)) + query)))
        self.channel_slug, self._message_id = slug, message_id
        self.step, self.name, self.quote, self.missing, self.errors = "", "", "", False, ReportErrors()
        try:
            self.name, self.quote = await services.current().reports.describe(slug, message_id)
            self.step = "about a message" if message_id else "about a channel"
        except NotFoundError:
            self.missing = True
        return None

    @rx.event
    async def submit(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """File the report."""
        self.errors = ReportErrors()
        values = form.get("kind", ""), form.get("reason", ""), form.get("text", "")
        try:
            user = await acting_user(self)
            await services.current().reports.file(user, str(self.channel_slug), str(self._message_id), *values)
        except InvalidError as refused:
            self.errors = ReportErrors(**refused.fields)
            return focus_first_error()
        except DomainError as refused:
            self.errors = ReportErrors(form=refused.public_message)
            return None
        self.step = "sent"
        return None
