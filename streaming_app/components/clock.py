"""Running clocks and timers, and dates in the language and time zone of the user."""

import reflex as rx
from reflex.event import no_args_event_spec

from streaming_app.components.typescript_modules import script

_LIBRARY = script("clock.tsx")


class Uptime(rx.Component):
    """The time since ``since`` (ISO 8601), counting up."""

    library = _LIBRARY
    tag = "Uptime"
    since: rx.Var[str]


class Countdown(rx.NoSSRComponent):
    """Counts down from ``seconds`` and fires ``on_end`` at zero."""

    library = _LIBRARY
    tag = "Countdown"
    seconds: rx.Var[int]
    on_end: rx.EventHandler[no_args_event_spec]


class LocalDate(rx.NoSSRComponent):
    """Date and time of ``at`` (ISO 8601) in the user's time zone. With ``long``, the month is spelled out."""

    library = _LIBRARY
    tag = "LocalDate"
    at: rx.Var[str]
    long: rx.Var[bool]


class Timer(rx.NoSSRComponent):
    """Fires ``on_tick`` at once and then every ``seconds``, while the page is visible; shows nothing."""

    library = _LIBRARY
    tag = "Timer"
    seconds: rx.Var[int]
    on_tick: rx.EventHandler[no_args_event_spec]


uptime = Uptime.create
countdown = Countdown.create
local_date = LocalDate.create
timer = Timer.create
