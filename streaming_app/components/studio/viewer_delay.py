"""How viewers receive the owner's stream, and their delay."""

import reflex as rx

from streaming_app.state.studio import StudioState
from streaming_app.state.studio_health import DeliveryView, StudioHealth


def viewer_delay() -> rx.Component:
    """The panel with viewers by delivery; nothing while offline. ``stream_health`` loads the figures."""
    report = StudioHealth.report
    return rx.cond(
        (StudioState.channel.state != "offline") & report.is_measured,
        rx.el.section(
            rx.el.div(
                rx.el.h2("Delay of your viewers", id="delay-title", class_name="panel__title"),
                rx.el.p(
                    rx.cond(
                        report.viewer_delay != "",
                        rx.fragment(
                            "Half of your viewers are at most ",
                            rx.el.strong(report.viewer_delay),
                            " behind what arrives here.",
                        ),
                        "No figures yet. They come about ten seconds after somebody starts to watch.",
                    ),
                    class_name="panel__lead",
                ),
            ),
            rx.cond(report.viewer_delay != "", _table()),
            class_name="panel stack deliveries",
            aria_labelledby="delay-title",
        ),
    )


def _table() -> rx.Component:
    heads = [rx.el.th(name, scope="col") for name in ("Playback", "Viewers", "Median delay", "Stalled just now")]
    return rx.el.table(
        rx.el.thead(rx.el.tr(*heads)),
        rx.el.tbody(rx.foreach(StudioHealth.report.deliveries, _row)),
        class_name="deliveries__table",
    )


def _row(delivery: DeliveryView) -> rx.Component:
    return rx.el.tr(
        rx.el.th(delivery.name, scope="row"),
        rx.el.td(delivery.viewers),
        rx.el.td(delivery.delay),
        rx.el.td(delivery.stalled),
        key=delivery.name,
    )
