"""Form controls: labelled fields with errors, submit buttons with a busy state, secrets, and copy buttons."""

from typing import Any

import reflex as rx


def field(
    name: str,
    label: str,
    error: str = "",
    *,
    hint: rx.Component | str = "",
    optional: bool = False,
    control: rx.Component | None = None,
    **props: Any,
) -> rx.Component:
    """A labelled input called ``name``. A non-empty ``error`` is shown below it and marks it as invalid.

    ``control`` replaces the input (it should have ``id=name``); ``props`` go to the input.
    """
    return rx.el.div(
        rx.el.label(
            label,
            rx.el.span(" (optional)", class_name="field__optional") if optional else rx.fragment(),
            html_for=name,
            class_name="field__label",
        ),
        control
        or rx.el.input(
            id=name,
            name=name,
            class_name="input",
            aria_invalid=error != "",
            aria_describedby=f"{name}-hint {name}-error",
            **props,
        ),
        rx.el.p(hint, id=f"{name}-hint", class_name="field__hint") if hint else rx.fragment(),
        rx.el.p(error, id=f"{name}-error", class_name="field__error", role="alert"),
        class_name="field",
    )


def select(name: str, label: str, options: tuple[tuple[str, str], ...], error: str = "", **props: Any) -> rx.Component:
    """A labelled choice called ``name``; ``options`` are values and texts."""
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name="field__label"),
        rx.el.select(
            *[rx.el.option(text, value=value) for value, text in options],
            id=name,
            name=name,
            aria_invalid=error != "",
            aria_describedby=f"{name}-error",
            class_name="input",
            **props,
        ),
        rx.el.p(error, id=f"{name}-error", class_name="field__error", role="alert"),
        class_name="field",
    )


def form_error(message: str) -> rx.Component:
    """An error of the form as a whole; it takes no space while ``message`` is empty."""
    return rx.el.p(message, class_name="form__error", role="alert")


def submit(label: str | rx.Var[str], *, pending: bool = False, class_name: str = "btn--primary") -> rx.Component:
    """The submit button of a form; disabled, with a spinner, while ``pending``."""
    return rx.el.button(
        rx.el.span(class_name="spinner btn__pending", aria_hidden="true"),
        label,
        type="submit",
        disabled=pending,
        aria_busy=pending,
        class_name=f"btn btn--lg btn--block {class_name}",
    )


def submit_or_cancel(label: str | rx.Var[str], on_cancel: rx.event.EventType[()]) -> rx.Component:
    """The submit button of a form that takes something away, and a button that closes the form."""
    return rx.el.div(
        submit(label, class_name="btn--live"),
        rx.el.button("Cancel", type="button", on_click=on_cancel, class_name="btn btn--lg btn--secondary"),
        class_name="row row--wrap",
    )


def copy_button(value: str, label: str = "Copy", *, what: str = "", icon: str = "copy") -> rx.Component:
    """A button that copies ``value``, or the page URL if that is empty. ``what`` completes its accessible name."""
    return rx.el.button(
        rx.el.span(rx.icon(icon, size=16), label, class_name="copy__idle"),
        rx.el.span(rx.icon("check", size=16), "Copied", class_name="copy__done", role="status"),
        type="button",
        class_name="btn btn--secondary copy",
        aria_label=f"{label} {what}".strip(),
        custom_attrs={"data-copy": value},
    )


def secret_field(name: str, label: str, value: str, *, hint: rx.Component | str = "") -> rx.Component:
    """A read-only value that is masked until the user reveals it, with a copy button."""
    return _read_only(name, label, value, hint, masked=True)


def copy_field(name: str, label: str, value: str, *, hint: rx.Component | str = "") -> rx.Component:
    """A read-only value with a copy button."""
    return _read_only(name, label, value, hint, masked=False)


def read_only_value(name: str, value: str | rx.Var[str], *, masked: bool = False, **props: Any) -> rx.Component:
    """A read-only text that wraps, so all of it can be read. While ``masked`` it shows dots."""
    return rx.el.textarea(
        id=name,
        value=value,
        rows=1,
        read_only=True,
        auto_complete="off",
        spell_check=False,
        class_name="secret__value",
        custom_attrs={"data-masked": ""} if masked else {},
        **props,
    )


def _read_only(name: str, label: str, value: str, hint: rx.Component | str, *, masked: bool) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name="field__label"),
        rx.el.div(
            read_only_value(name, value, masked=masked),
            _reveal_button(name) if masked else rx.fragment(),
            copy_button(value, what=label.lower()),
            class_name="secret",
        ),
        rx.el.p(hint, class_name="field__hint") if hint else rx.fragment(),
        class_name="field",
    )


def _reveal_button(name: str) -> rx.Component:
    return rx.el.button(
        rx.el.span(rx.icon("eye", size=16), "Show", class_name="reveal__show"),
        rx.el.span(rx.icon("eye-off", size=16), "Hide", class_name="reveal__hide"),
        type="button",
        class_name="btn reveal",
        aria_pressed="false",
        custom_attrs={"data-reveal": name},
    )
