"""The moving parts of recordings in a list: a picture that may be missing, and a date as the reader writes it."""

import reflex as rx

from streaming_app.components.scripts import script

_LIBRARY = script("recordings/recording_parts.js")


class Still(rx.NoSSRComponent):
    """A recording's picture; nothing while there is none."""

    library = _LIBRARY
    tag = "Still"
    src: rx.Var[str]


class LocalDate(rx.NoSSRComponent):
    """Day and time of ``at`` (ISO 8601) in the reader's time zone, with ``long`` the month in full."""

    library = _LIBRARY
    tag = "LocalDate"
    at: rx.Var[str]
    long: rx.Var[bool]


still = Still.create
local_date = LocalDate.create
