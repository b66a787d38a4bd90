"""What reads the feed besides the chat pane: listeners that show nothing, and a viewer count."""

import reflex as rx
from reflex.event import no_args_event_spec, passthrough_event_spec

from streaming_app.components.scripts import script

CATALOG_PATH = "/feed/"
"""The feed that tells when the live list changes."""
_LIBRARY = script("feed/listeners.tsx")


class CatalogListener(rx.NoSSRComponent):
    """Fires ``on_change`` with the digest of the live list that the feed tells, when it is not ``digest``."""

    library = _LIBRARY
    tag = "CatalogListener"
    path: rx.Var[str]
    digest: rx.Var[str]
    """Of what the page shows; empty until it shows anything."""
    on_change: rx.EventHandler[passthrough_event_spec(str)]


class ModerationListener(rx.NoSSRComponent):
    """Fires ``on_change`` when there may be something new for a channel's moderators."""

    library = _LIBRARY
    tag = "ModerationListener"
    path: rx.Var[str]
    on_change: rx.EventHandler[no_args_event_spec]


class StudioListener(rx.NoSSRComponent):
    """Fires ``on_change`` when there may be something new for a channel's owner."""

    library = _LIBRARY
    tag = "StudioListener"
    path: rx.Var[str]
    on_change: rx.EventHandler[no_args_event_spec]


class ViewerCount(rx.NoSSRComponent):
    """How many are watching a channel, kept by its feed."""

    library = _LIBRARY
    tag = "ViewerCount"
    path: rx.Var[str]


catalog_listener = CatalogListener.create
moderation_listener = ModerationListener.create
studio_listener = StudioListener.create
viewer_count = ViewerCount.create
