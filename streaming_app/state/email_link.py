"""The state of the page that a link in a mail opens: it confirms, changes or restores the email of an account."""

from collections.abc import AsyncGenerator

import reflex as rx

from streaming_app.backend.errors import DomainError
from streaming_app.state import services
from streaming_app.state.page_commands import run_in_page

_SECRET_MAX = 100


class EmailLinkState(rx.State):
    """Shows what a link does, and does it after the user has agreed: programs that check mails open links too."""

    kind: str = ""
    """What the link does, a value of ``mail_links.MailLinkKind``; empty until the link was checked."""
    email: str = ""
    username: str = ""
    invalid: str = ""
    """Why the link is not valid."""
    pending: bool = False
    is_done: bool = False
    _secret: str = ""

    @rx.event
    def show(self) -> rx.event.EventSpec:
        """Reset the page when it opens, and read the link's secret. The server sees no fragments."""
        self.kind, self.email, self.username, self.invalid = "", "", "", ""
        self.pending, self.is_done = False, False
        return run_in_page("readFragment", answer=EmailLinkState.check_link)

    @rx.event
    async def check_link(self, secret: str) -> None:
        """Show what the link does, or why it is not valid."""
        self._secret = secret[:_SECRET_MAX]
        try:
            link, user = await services.current().emails.open_link(self._secret)
            self.kind, self.email, self.username = link.kind.value, link.email, user.username
        except DomainError as refused:
            self.invalid = refused.public_message

    @rx.event
    async def follow(self) -> AsyncGenerator[None]:
        """Do what the link is for."""
        self.pending = True
        yield
        try:
            await services.current().emails.follow_link(self._secret, self.router.session.client_ip)
            self.is_done = True
        except DomainError as refused:
            self.invalid = refused.public_message
        self.pending = False
