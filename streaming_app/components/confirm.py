"""A button for what cannot be undone: it asks in its own place before it does it."""

import reflex as rx

from streaming_app.state.question import Question


def confirmed_button(
    what: str,
    label: str,
    warning: str,
    confirm: str,
    on_confirm: rx.event.EventType[()],
    *,
    icon: str,
    class_name: str,
    name: str = "",
) -> rx.Component:
    """``what`` names the question in ``Question.asking``, ``name`` the button where its label says too little."""
    return rx.cond(
        Question.asking == what,
        rx.el.div(
            rx.el.p(warning, id=f"{what}-warning", class_name="confirm__warning"),
            rx.el.div(
                rx.el.button(
                    confirm,
                    type="button",
                    on_click=on_confirm,
                    aria_describedby=f"{what}-warning",
                    class_name="btn btn--live",
                ),
                rx.el.button(
                    "Cancel",
                    type="button",
                    on_click=Question.ask(""),
                    auto_focus=True,
                    class_name="btn btn--secondary",
                ),
                class_name="row row--wrap",
            ),
            role="group",
            aria_label=label,
            class_name="confirm",
        ),
        rx.el.button(
            rx.icon(icon, size=16),
            label,
            type="button",
            on_click=Question.ask(what),
            aria_label=name or label,
            class_name=f"btn {class_name}",
        ),
    )
