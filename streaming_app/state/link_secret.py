"""The shared state of the pages whose link has a secret after the ``#``, which browsers do not send to servers."""

import reflex as rx

from streaming_app.backend.errors import DomainError
from streaming_app.state.page_commands import run_in_page

SECRET_MAX = 100


class LinkSecret(rx.State, mixin=True):
    """The secret of the link, and what it is for."""

    username: str = ""
    """The user whom the secret concerns; empty until the secret was checked."""
    invalid: str = ""
    """Why the secret is not valid."""
    _secret: str = ""

    @rx.event
    def show(self) -> rx.event.EventSpec:
        """Reset the page when it opens, and read the secret from the link in the browser."""
        self.reset()
        return run_in_page("readFragment", answer=type(self).check_link)

    @rx.event
    async def check_link(self, secret: str) -> None:
        """Show whom the secret concerns, or why it is not valid."""
        self._secret = secret[:SECRET_MAX]
        try:
            await self._load()
        except DomainError as refused:
            self.invalid = refused.public_message

    async def _load(self) -> None:
        """Set the fields about the secret. Raises a ``DomainError`` if the secret is not valid."""
        raise NotImplementedError
