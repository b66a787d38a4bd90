"""A button for actions that cannot be undone: it opens a dialog that asks for confirmation."""

from typing import Any

import reflex as rx


def confirm_button(
    action: str,
    label: str,
    question: str,
    warning: str | rx.Component,
    confirm: str,
    on_confirm: rx.event.EventType[()],
    *,
    icon: str,
    class_name: str,
    name: str = "",
    about: str = "",
) -> rx.Component:
    """A button that opens a modal dialog with a question and a warning. Its button ``confirm`` fires ``on_confirm``.

    The browser opens and closes the dialog without a request to the server. ``action`` is unique on the page, such as
    the id of the item to delete. Where the label alone is ambiguous, the accessible name of the button is ``name``, or
    the label followed by the texts of the elements whose ids are in ``about``.
    """
    button_id, dialog_id = f"{action}-button", f"{action}-dialog"
    question_id, warning_id = f"{action}-question", f"{action}-warning"
    names: dict[str, Any] = {"aria_labelledby": f"{button_id} {about}"} if about else {"aria_label": name or label}
    return rx.fragment(
        rx.el.button(
            rx.icon(icon, size=16),
            label,
            id=button_id,
            type="button",
            aria_haspopup="dialog",
            custom_attrs=_command(dialog_id, "show-modal", "show"),
            class_name=f"btn {class_name}",
            **names,
        ),
        rx.el.dialog(
            rx.el.div(
                rx.el.h2(question, id=question_id, class_name="confirm-dialog__title"),
                rx.el.p(warning, id=warning_id, class_name="confirm-dialog__text"),
                rx.el.div(
                    rx.el.button(
                        "Cancel",
                        type="button",
                        custom_attrs=_command(dialog_id, "close", "hide"),
                        class_name="btn btn--secondary",
                    ),
                    rx.el.button(
                        confirm,
                        type="button",
                        on_click=on_confirm,
                        custom_attrs=_command(dialog_id, "close", "hide"),
                        class_name="btn btn--live",
                    ),
                    class_name="confirm-dialog__actions",
                ),
                class_name="confirm-dialog__content",
            ),
            id=dialog_id,
            aria_labelledby=question_id,
            aria_describedby=warning_id,
            custom_attrs={"closedby": "any", "popover": "auto"},
            class_name="confirm-dialog",
        ),
    )


def _command(dialog_id: str, command: str, popover_action: str) -> dict[str, str]:
    """Return the attributes of a button that opens or closes the dialog: as a popover where commands are unknown."""
    return {
        "commandfor": dialog_id,
        "command": command,
        "popovertarget": dialog_id,
        "popovertargetaction": popover_action,
    }
