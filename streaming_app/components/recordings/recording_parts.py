"""Browser components of recordings: a poster that may be missing, and a localized date."""

import reflex as rx

from streaming_app.components.scripts import script

_LIBRARY = script("recordings/recording_parts.js")


class Still(rx.NoSSRComponent):
    """The poster of a recording; nothing while there is none."""

    library = _LIBRARY
    tag = "Still"
    src: rx.Var[str]


class LocalDate(rx.NoSSRComponent):
    """The date and time ``at`` (ISO 8601) in the viewer's time zone. ``long`` spells out the month."""

    library = _LIBRARY
    tag = "LocalDate"
    at: rx.Var[str]
    long: rx.Var[bool]


still = Still.create
local_date = LocalDate.create
