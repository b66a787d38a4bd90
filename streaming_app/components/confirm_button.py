"""A button for actions that cannot be undone: it asks for confirmation in place."""

from typing import Any

import reflex as rx

from streaming_app.state.confirmation import ConfirmationState


def confirm_button(
    what: str,
    label: str,
    warning: str,
    confirm: str,
    on_confirm: rx.event.EventType[()],
    *,
    icon: str,
    class_name: str,
    name: str = "",
    about: str = "",
) -> rx.Component:
    """A button that shows ``warning`` and asks for a second click before it fires ``on_confirm``.

    ``what`` is the value of ``ConfirmationState.pending``. Where the label alone is ambiguous, the accessible name
    is ``name``, or the label followed by the texts of the elements whose ids are in ``about``.
    """
    button_id = f"{what}-button"
    names: dict[str, Any] = (
        {"id": button_id, "aria_labelledby": f"{button_id} {about}"} if about else {"aria_label": name or label}
    )
    return rx.cond(
        ConfirmationState.pending == what,
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
                    on_click=ConfirmationState.ask(""),
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
            on_click=ConfirmationState.ask(what),
            class_name=f"btn {class_name}",
            **names,
        ),
    )
