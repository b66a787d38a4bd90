"""What a tab asks before it does what cannot be undone."""

import reflex as rx

from streaming_app.state.session import SessionState


class Question(SessionState):
    """One at a time, whatever the page."""

    asking: str = ""
    """What waits for a second click: a name such as ``rotate``, or the id of what is to be deleted."""

    @rx.event
    def ask(self, what: str) -> None:
        """Ask again before doing ``what``; nothing: think better of it."""
        self.asking = what


async def close_question(state: rx.State) -> None:
    """Ask nothing any more in the tab of ``state``."""
    (await state.get_state(Question)).asking = ""
