"""Links that sign in with an account of another site."""

import reflex as rx

from streaming_app.components.layout import full_link
from streaming_app.state.provider_links import ProviderLink


def provider_problem(problem: str) -> rx.Component:
    """Says why the last sign-in with a provider did not work; takes no space if ``problem`` is empty."""
    return rx.cond(problem != "", rx.el.p(problem, role="alert", class_name="form__error form__problem"))


def provider_buttons(links: list[ProviderLink]) -> rx.Component:
    """One link for each provider; nothing if there are none."""
    return rx.cond(
        rx.Var.create(links).length() > 0,
        rx.el.div(
            rx.el.p("or", class_name="account__or"),
            rx.el.ul(rx.foreach(links, _link), role="list", class_name="providers"),
            class_name="account__other-way",
        ),
    )


def provider_icon(provider_id: str) -> rx.Component:
    """The logo of a provider."""
    return rx.fragment(
        rx.match(provider_id, ("google", _logo("google.svg")), ("vk", _logo("vk.svg")), rx.icon("key-round", size=20))
    )


def _link(link: ProviderLink) -> rx.Component:
    return rx.el.li(
        full_link(
            provider_icon(link.provider_id),
            rx.el.span("Continue with ", link.name),
            to=link.url,
            class_name="btn btn--lg btn--block btn--secondary",
        )
    )


def _logo(file: str) -> rx.Component:
    return rx.el.img(src=f"/providers/{file}", alt="", class_name="providers__logo")
