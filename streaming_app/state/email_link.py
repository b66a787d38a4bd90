"""The state of the page that a link in a mail opens: it confirms, changes or restores the email of an account."""

from collections.abc import AsyncGenerator

import reflex as rx

from streaming_app.backend.errors import DomainError
from streaming_app.state import services
from streaming_app.state.link_secret import LinkSecret


class EmailLinkState(LinkSecret, rx.State):
    """Shows what a link does, and does it after the user has agreed: programs that check mails open links too."""

    kind: str = ""
    """What the link does, a value of ``mail_links.MailLinkKind``; empty until the link was checked."""
    email: str = ""
    pending: bool = False
    is_done: bool = False

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

    async def _load(self) -> None:
        link, user = await services.current().emails.open_link(self._secret)
        self.kind, self.email, self.username = link.kind.value, link.email, user.username
