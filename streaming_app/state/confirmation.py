"""The confirmation that a page asks for before an action that cannot be undone."""

import reflex as rx

from streaming_app.state.session import SessionState


class ConfirmationState(SessionState):
    """The pending confirmation of a tab: at most one on the whole page."""

    pending: str = ""
    """The action to confirm, such as ``rotate``, or the id of the item to delete; empty if nothing is pending."""

    @rx.event
    def ask(self, what: str) -> None:
        """Ask for confirmation of ``what``; an empty string cancels it."""
        self.pending = what


async def clear_confirmation(state: rx.State) -> None:
    """Cancel the pending confirmation in the tab of ``state``."""
    (await state.get_state(ConfirmationState)).pending = ""
