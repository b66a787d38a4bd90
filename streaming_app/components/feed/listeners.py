"""Components that read the feed, except the chat: listeners that show nothing, and a viewer count."""

from functools import partial

import reflex as rx
from reflex.event import no_args_event_spec, passthrough_event_spec

from streaming_app.components.typescript_modules import script

CATALOG_PATH = "/feed/"
"""URL path of the feed that reports changes of the list of live channels."""
_LIBRARY = script("feed/listeners.tsx")


class CatalogListener(rx.NoSSRComponent):
    """Fires ``on_change`` with the digest of the list of live channels from the feed, if it differs from ``digest``."""

    library = _LIBRARY
    tag = "CatalogListener"
    path: rx.Var[str]
    digest: rx.Var[str]
    """Digest of the list that the page shows; empty until the page shows a list."""
    on_change: rx.EventHandler[passthrough_event_spec(str)]


class NewsListener(rx.NoSSRComponent):
    """Fires ``on_change`` when there may be something new, of a ``topic``, for a channel's moderators or owner."""

    library = _LIBRARY
    tag = "NewsListener"
    path: rx.Var[str]
    topic: rx.Var[str]
    """Name of a counter in ``feed_state.ts``."""
    on_change: rx.EventHandler[no_args_event_spec]


class ViewerCount(rx.NoSSRComponent):
    """The number of viewers of a channel, kept up to date by its feed."""

    library = _LIBRARY
    tag = "ViewerCount"
    path: rx.Var[str]


catalog_listener = CatalogListener.create
moderation_listener = partial(NewsListener.create, topic="moderationNews")
studio_listener = partial(NewsListener.create, topic="studioNews")
viewer_count = ViewerCount.create
