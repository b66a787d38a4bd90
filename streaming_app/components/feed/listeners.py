"""Components that read the feed, except the chat: listeners that show nothing, and a viewer count."""

from functools import partial

import reflex as rx
from reflex.event import passthrough_event_spec

from streaming_app.components.typescript_modules import script

CATALOG_PATH = "/feed/"
"""URL path of the feed that reports changes of the list of live channels."""
_LIBRARY = script("feed/listeners.tsx")


class FeedListener(rx.NoSSRComponent):
    """Fires ``on_change`` with a ``part`` of the feed if it differs from ``shown``, which is what the page shows."""

    library = _LIBRARY
    tag = "FeedListener"
    lib_dependencies: list[str] = ["partysocket@1.3.0", "zustand@5.1.0"]
    path: rx.Var[str]
    part: rx.Var[str]
    """Name of a field in ``feed_state.ts``."""
    shown: rx.Var[str | int]
    """Empty until the page shows something."""
    spread_ms: rx.Var[int]
    """Longest random delay of ``on_change``, so that the requests of all pages are spread."""
    on_change: rx.EventHandler[passthrough_event_spec(str)]


class ViewerCount(rx.NoSSRComponent):
    """The number of viewers of a channel, kept up to date by its feed."""

    library = _LIBRARY
    tag = "ViewerCount"
    path: rx.Var[str]


_news_listener = partial(FeedListener.create, shown=0, spread_ms=0)

catalog_listener = partial(FeedListener.create, part="digest", spread_ms=1500)
moderation_listener = partial(_news_listener, part="moderationNews")
studio_listener = partial(_news_listener, part="studioNews")
viewer_count = ViewerCount.create
