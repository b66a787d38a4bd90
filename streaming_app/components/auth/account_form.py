"""Shared parts of the sign-in and sign-up pages: the card around the form, and fields."""

from typing import Any

import reflex as rx

from streaming_app.components.form_controls import field
from streaming_app.components.layout import nav_link, page
from streaming_app.components.typescript_modules import browser_hook, script

STRENGTH_HINT = "8 characters or more. A sentence of several words is easy to remember and hard to guess."


_LEVELS = ["Very easy to guess", "Easy to guess", "Could be guessed", "Hard to guess", "Very hard to guess"]
_STRENGTH = script("auth/password_strength.ts")


class PasswordStrength(rx.el.Div):
    """An element with the packages that ``password_estimate.ts`` imports."""

    lib_dependencies: list[str] = ["@zxcvbn-ts/core@4.2.0", "@zxcvbn-ts/language-common@4.1.3"]


def account_page(
    title: str | rx.Var[str], lead: str | rx.Var[str], form: rx.Component, *below: rx.Component | str
) -> rx.Component:
    """A page with one form. ``below`` holds the link to the other form."""
    return page(
        rx.el.section(
            _beam(),
            rx.el.h1(title, id="account-title", class_name="account__title"),
            rx.el.p(lead, class_name="account__lead"),
            form,
            rx.el.p(*below, class_name="account__below"),
            class_name="account",
            aria_labelledby="account-title",
        ),
        class_name="page--account",
    )


def other_form_link(text: str, to: str) -> rx.Component:
    """A link to the other form, which then returns the user to the same page.

    Until the app has loaded, ``site.js`` adds the query when the link is clicked.
    """
    query = browser_hook("returnQuery", "useReturnQuery", str, script("auth/return_query.ts"))
    return nav_link(text, to=to + query, class_name="link", custom_attrs={"data-other-form": True})


def mail_form(form: rx.Component, sent: rx.Component, sent_to: str, on_change: rx.event.EventType[()]) -> rx.Component:
    """A form that sends a mail to an email. Once it was sent, to ``sent_to``, shows ``sent`` and a button.

    The button opens the form again, with the typed text.
    """
    button = rx.el.button(
        "Use another email",
        type="button",
        on_click=on_change,
        class_name="btn btn--secondary btn--lg btn--block account__again",
    )
    return rx.el.div(rx.cond(sent_to != "", rx.fragment(sent, button)), rx.el.div(form, hidden=sent_to != ""))


def new_username_field(error: str, **props: Any) -> rx.Component:
    """A field for the username of a new account."""
    return field(
        "username",
        "Username",
        error,
        hint="Also the address of your channel. Letters, digits, - and _.",
        auto_complete="username",
        auto_capitalize="none",
        spell_check=False,
        max_length=64,
        **props,
    )


def new_email_field(error: str) -> rx.Component:
    """A field for the email of a new account."""
    return field(
        "email",
        "Email",
        error,
        hint="Never shown to anyone.",
        type="email",
        auto_complete="email",
        max_length=320,
    )


def password_field(
    label: str,
    error: str,
    *,
    auto_complete: str,
    hint: str = "",
    name: str = "password",
    below: rx.Component | None = None,
) -> rx.Component:
    """A password field with a button that reveals the typed text, and what to show ``below`` the input."""
    described_by = f"{name}-hint {name}-error" if hint else f"{name}-error"
    return field(
        name,
        label,
        error,
        hint=hint,
        control=rx.fragment(
            rx.el.div(
                rx.el.input(
                    id=name,
                    name=name,
                    type="password",
                    auto_complete=auto_complete,
                    aria_invalid=error != "",
                    aria_describedby=described_by,
                    class_name="input",
                ),
                rx.el.button(
                    rx.el.span(rx.icon("eye", size=18), class_name="reveal__show"),
                    rx.el.span(rx.icon("eye-off", size=18), class_name="reveal__hide"),
                    type="button",
                    class_name="btn btn--icon reveal",
                    aria_label=f"Show {label.lower()}",
                    aria_pressed="false",
                    custom_attrs={"data-reveal": name},
                ),
                class_name="account__password",
            ),
            below or rx.fragment(),
        ),
    )


def new_password_field(label: str, error: str) -> rx.Component:
    """A field for a new password, with a hint and its strength."""
    return password_field(label, error, auto_complete="new-password", hint=STRENGTH_HINT, below=_password_strength())


def _password_strength() -> rx.Component:
    """How hard the typed password is to guess. Empty bars without a password."""
    score = browser_hook("passwordScore", "usePasswordStrength", int, _STRENGTH, "password")
    words = rx.match(score, (-1, "Too short"), *enumerate(_LEVELS), "")
    return PasswordStrength.create(
        rx.el.span(*[rx.el.span() for _ in _LEVELS[1:]], class_name="strength__bar", aria_hidden="true"),
        rx.el.span(words, class_name="strength__words", role="status", aria_live="polite"),
        custom_attrs={"data-score": score},
        class_name="strength",
    )


def hidden_username(username: str) -> rx.Component:
    """The name for which password managers save a new password, in a form that does not ask for it."""
    return rx.el.input(
        value=username,
        name="username",
        type="text",
        auto_complete="username",
        read_only=True,
        hidden=True,
        aria_label="Username",
    )


def _beam() -> rx.Component:
    """Decorative waves in the corner of the card."""
    arcs = [f"M{170 - r} 0a{r} {r} 0 0 0 {r} {r}" for r in (46, 82, 118, 154)]
    return rx.el.svg(
        *[
            rx.el.path(d=arc, stroke="currentColor", stroke_width="13", opacity=opacity)
            for arc, opacity in zip(arcs, ("0.55", "0.32", "0.17", "0.08"), strict=True)
        ],
        rx.el.circle(cx="170", cy="0", r="20", fill="var(--live)"),
        view_box="0 0 170 170",
        fill="none",
        class_name="account__beam",
        aria_hidden="true",
    )
