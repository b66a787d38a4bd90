"""Running clocks and timers, and dates in the language and time zone of the user."""

import reflex as rx
from reflex.event import no_args_event_spec

from streaming_app.components.typescript_modules import browser_function, browser_hook, script

_LIBRARY = script("clock.tsx")
_format_date = browser_function("formatDate", _LIBRARY)


def uptime(since: str | rx.Var[str]) -> rx.Component:
    """The time since ``since`` (ISO 8601), counting up."""
    return _uptime(since=since)


def local_date(at: str | rx.Var[str], *, long: bool = False) -> rx.Component:
    """Date and time of ``at`` (ISO 8601) in the user's time zone. With ``long``, the month is spelled out."""
    text = _format_date.call(at, "long" if long else "medium")
    return rx.cond(at != "", rx.el.time(text, date_time=at, title=_format_date.call(at)))


class Countdown(rx.NoSSRComponent):
    """Counts down from ``seconds`` and fires ``on_end`` at zero."""

    library = _LIBRARY
    tag = "Countdown"
    seconds: rx.Var[int]
    on_end: rx.EventHandler[no_args_event_spec]


class Timer(rx.NoSSRComponent):
    """Fires ``on_tick`` at once and then every ``seconds``, while the page is visible; shows nothing."""

    library = _LIBRARY
    tag = "Timer"
    seconds: rx.Var[int]
    on_tick: rx.EventHandler[no_args_event_spec]


@rx.memo
def _uptime(since: rx.Var[str]) -> rx.Component:
    text = browser_hook("uptime", "useUptime", str, _LIBRARY, since)
    started = _format_date.call(since)
    return rx.cond(
        text != "", rx.el.time(text, date_time=since, title=f"Since {started}", aria_label=f"Live for {text}")
    )


countdown = Countdown.create
timer = Timer.create
