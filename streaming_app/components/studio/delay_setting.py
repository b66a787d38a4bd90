"""The setting for the delay between encoder and viewers."""

import reflex as rx

from streaming_app.state.studio import StudioState


def delay() -> rx.Component:
    """The panel with the three delays. A choice is saved immediately."""
    return rx.el.fieldset(
        rx.el.legend("Delay", class_name="visually-hidden"),
        rx.el.div(
            rx.el.h2("Delay", aria_hidden="true", class_name="panel__title"),
            rx.el.p("How far viewers lag behind you.", class_name="panel__lead"),
        ),
        rx.el.div(
            _choice(
                "realtime",
                "Real time",
                "About a tenth of a second. For talking with viewers. Needs an encoder without B-frames. Viewers whose"
                " connection or browser is too slow get low delay.",
            ),
            _choice("low", "Low", "Under a second. Right for most streams."),
            _choice("normal", "Normal", "About four seconds. The most reliable, on any device and connection."),
            class_name="choices",
        ),
        class_name="panel stack",
    )


def _choice(value: str, label: str, line: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="latency",
            value=value,
            checked=StudioState.channel.latency == value,
            on_change=StudioState.set_latency,
            aria_describedby=f"latency-{value}",
            class_name="choice__mark",
        ),
        rx.el.span(label, class_name="choice__label"),
        rx.el.span(line, id=f"latency-{value}", class_name="choice__line"),
        class_name="choice",
    )
