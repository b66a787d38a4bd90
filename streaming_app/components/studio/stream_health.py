"""The health of the owner's stream: its properties, advice, and plots of the last minutes."""

import reflex as rx

from streaming_app.components.clock import timer
from streaming_app.state.studio import StudioState
from streaming_app.state.studio_health import PLOT_HEIGHT, PLOT_WIDTH, FactView, PlotView, StudioHealth

_MEASURE_SECONDS = 2


def stream_health() -> rx.Component:
    """The stream health panel; nothing while offline."""
    report = StudioHealth.report
    return rx.cond(
        StudioState.channel.state != "offline",
        rx.el.section(
            rx.el.h2("Stream health", id="health-title", class_name="panel__title"),
            timer(seconds=_MEASURE_SECONDS, on_tick=StudioHealth.measure),
            rx.cond(
                report.is_asked,
                rx.el.div(
                    _advice(),
                    rx.cond(
                        report.is_measured,
                        rx.fragment(
                            rx.el.dl(rx.foreach(report.facts, _fact), class_name="health__facts"),
                            rx.el.div(rx.foreach(report.plots, _plot), class_name="health__plots"),
                        ),
                    ),
                    class_name="health__body",
                ),
                rx.el.div(role="status", aria_label="Measuring your stream", class_name="health__wait skeleton"),
            ),
            class_name="panel stack health",
            aria_labelledby="health-title",
        ),
    )


def _advice() -> rx.Component:
    report = StudioHealth.report
    return rx.cond(
        rx.Var.create(report.advice).length() > 0,
        rx.el.ul(rx.foreach(report.advice, rx.el.li), role="status", class_name="health__advice"),
        rx.cond(
            report.is_measured,
            rx.el.p("All is well.", role="status", class_name="health__calm health__calm--good"),
            rx.el.p(
                rx.cond(StudioState.channel.state == "live", "Measuring…", "Nothing is arriving right now."),
                role="status",
                class_name="health__calm",
            ),
        ),
    )


def _fact(fact: FactView) -> rx.Component:
    return rx.el.div(rx.el.dt(fact.name), rx.el.dd(fact.value), key=fact.name)


def _plot(plot: PlotView) -> rx.Component:
    return rx.el.figure(
        rx.el.figcaption(rx.el.span(plot.name), rx.el.span(plot.most, class_name="health__most")),
        rx.el.svg(
            rx.el.path(d=plot.area, class_name="health__area"),
            rx.el.path(d=plot.line, class_name="health__line"),
            view_box=f"0 0 {PLOT_WIDTH} {PLOT_HEIGHT}",
            preserve_aspect_ratio="none",
            role="img",
            aria_label=plot.summary,
        ),
        rx.el.div(rx.el.span(plot.since), rx.el.span("now"), aria_hidden="true", class_name="health__axis"),
        key=plot.name,
        class_name="health__plot",
    )
