"""The home page: the live channels."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.feed.listeners import catalog_listener
from streaming_app.components.layout import nav_link, page, signal_art
from streaming_app.components.stream_card import stream_card, stream_card_skeleton
from streaming_app.state.home import HomeState
from streaming_app.state.session import SessionState

SKELETONS = 6
_COUNT = rx.Var.create(HomeState.streams).length()


def home() -> rx.Component:
    """The list of live channels, updated by the catalog feed."""
    return page(
        catalog_listener(shown=rx.cond(HomeState.loaded, HomeState.digest, None), on_change=HomeState.refresh),
        rx.cond(SessionState.username == "", _intro(), rx.el.h1(theme.SITE_NAME, class_name="visually-hidden")),
        rx.el.section(
            rx.el.div(
                rx.el.h2("Live now", id="live-now", class_name="section__title"),
                rx.cond(
                    _COUNT > 0,
                    rx.el.span(_COUNT, class_name="section__count"),
                ),
                class_name="section__head",
            ),
            rx.cond(HomeState.loaded, _streams(), _loading()),
            aria_labelledby="live-now",
        ),
    )


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        home,
        route=routes.HOME,
        title=f"{theme.SITE_NAME}: live now",
        description=theme.DESCRIPTION,
        image="/favicon.svg",
        on_load=HomeState.open,
    )


def _intro() -> rx.Component:
    return rx.el.section(
        rx.el.h1("Watch it while it happens.", class_name="intro__title"),
        rx.el.p(
            "Live channels and their chats. Say hello, or start a stream of your own.",
            class_name="intro__text",
        ),
        class_name="intro for-visitors",
    )


def _streams() -> rx.Component:
    return rx.cond(
        _COUNT > 0,
        rx.el.div(rx.foreach(HomeState.streams, stream_card), class_name="stream-grid"),
        _nobody(),
    )


def _loading() -> rx.Component:
    return rx.el.div(
        *[stream_card_skeleton() for _ in range(SKELETONS)],
        rx.el.span("Loading live streams", class_name="visually-hidden", role="status"),
        class_name="stream-grid",
    )


def _nobody() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            signal_art(),
            rx.el.h3("No one is live right now.", class_name="nobody__title"),
            rx.el.p("Live channels appear here automatically.", class_name="muted"),
            rx.cond(
                SessionState.username == "",
                _start_streaming(routes.register(routes.STUDIO)),
                _start_streaming(routes.STUDIO),
            ),
            class_name="nobody__text",
        ),
        rx.el.ol(
            rx.cond(SessionState.username == "", _step("Sign up", "Your account comes with a channel of your own.")),
            _step("Copy the server and your stream key", "Find both in the studio and paste them into OBS or ffmpeg."),
            _step("Start streaming", "Your channel appears here a few seconds later."),
            class_name="steps",
        ),
        class_name="nobody",
    )


def _start_streaming(to: str | rx.Var[str]) -> rx.Component:
    return nav_link(rx.icon("radio", size=18), "Start streaming", to=to, class_name="btn btn--live btn--lg")


def _step(title: str, text: str) -> rx.Component:
    return rx.el.li(
        rx.el.div(rx.el.p(title, class_name="step__title"), rx.el.p(text, class_name="step__text")), class_name="step"
    )
