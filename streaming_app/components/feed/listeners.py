"""Components that read the feed, except the chat: listeners that show nothing, and a viewer count."""

from functools import partial
from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec

from streaming_app.components.feed.feed_part import feed_part
from streaming_app.components.typescript_modules import script

CATALOG_PATH = "/feed/"
"""URL path of the feed that reports changes of the list of live channels."""


class FeedListener(rx.NoSSRComponent):
    """Fires ``on_change`` with a ``part`` of the feed if it differs from ``shown``, which is what the page shows."""

    library = script("feed/listeners.tsx")
    tag = "FeedListener"
    lib_dependencies: list[str] = ["partysocket@1.3.0", "zustand@5.1.0"]
    path: rx.Var[str]
    part: rx.Var[Any]
    """A function that returns a value of the snapshot in ``feed_state.ts``."""
    shown: rx.Var[str | int | None]
    """``None`` until the page shows something."""
    wait_ms: rx.Var[int]
    spread_ms: rx.Var[int]
    """Longest random delay of ``on_change`` after ``wait_ms``, so that the requests of all pages are spread."""
    on_change: rx.EventHandler[passthrough_event_spec(str)]


_news_listener = partial(FeedListener.create, shown=0, wait_ms=0, spread_ms=0)

moderation_listener = partial(_news_listener, part=rx.Var("(feed) => feed.moderationNews"))
studio_listener = partial(_news_listener, part=rx.Var("(feed) => feed.studioNews"))
catalog_listener = partial(
    FeedListener.create, path=CATALOG_PATH, part=rx.Var("(feed) => feed.digest"), wait_ms=300, spread_ms=1200
)
"""Waits, because a page that has just read the list from the store may know it before the feed does."""
stream_end_listener = partial(
    FeedListener.create, part=rx.Var("(feed) => feed.stream?.ended_at"), wait_ms=3000, spread_ms=5000
)
"""Waits, because the recording of the stream has its last segment some seconds after the end."""


def viewer_count(path: str | rx.Var[str]) -> rx.Component:
    """The number of viewers of a channel, kept up to date by its feed; nothing until the feed has sent it."""
    return _viewer_count(path=path)


@rx.memo
def _viewer_count(path: rx.Var[str]) -> rx.Component:
    viewers = feed_part(path, "viewers", int | None)
    words = rx.cond(viewers == 1, "viewer", "viewers")
    return rx.cond(
        viewers.is_not_none(),
        rx.el.span(
            rx.icon("eye", aria_hidden="true"),
            rx.el.span(f"{viewers:,} {words}", data_viewers=viewers),
            class_name="about__fact",
        ),
    )
