"""The requests to stream and the approvals, for staff."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.clock import local_date
from streaming_app.components.entries import entry_list
from streaming_app.components.form_controls import field, submit, submit_or_cancel
from streaming_app.components.layout import nav_link
from streaming_app.state.admin_streamers import APPROVE_FORM, AdminStreamers, RequestView


def refusal_form() -> rx.Component:
    """The form that refuses the chosen request or revokes the chosen approval."""
    chosen = AdminStreamers.chosen
    action = rx.cond(chosen.approved, "Revoke approval", "Refuse")
    return rx.cond(
        chosen.user_id != "",
        rx.el.section(
            rx.el.h2(action, " (", chosen.name, ")", id="refusal", class_name="panel__title"),
            rx.el.form(
                field(
                    "note",
                    "Note",
                    AdminStreamers.errors.note,
                    hint="Shown to the user.",
                    max_length=200,
                    auto_complete="off",
                ),
                submit_or_cancel(action, AdminStreamers.choose("")),
                on_submit=AdminStreamers.refuse,
                no_validate=True,
                class_name="form",
            ),
            class_name="panel stack",
            aria_labelledby="refusal",
        ),
    )


def waiting_requests() -> rx.Component:
    """The requests that wait for an answer."""
    return rx.el.section(
        rx.cond(
            AdminStreamers.mode == "open",
            rx.el.p("Every user may stream on this site (STREAMING=open).", class_name="field__hint"),
        ),
        entry_list(AdminStreamers.waiting, _waiting, "No request is waiting."),
        class_name="panel stack",
        aria_label="Waiting requests",
    )


def approved_streamers() -> rx.Component:
    """The approved users, and a form that approves one more."""
    return rx.el.section(
        rx.el.h2("Approved streamers", id="approved", class_name="panel__title"),
        rx.el.form(
            field("username", "Username", AdminStreamers.errors.username, auto_complete="off", max_length=100),
            submit("Approve user", class_name="btn--secondary"),
            id=APPROVE_FORM,
            on_submit=AdminStreamers.approve,
            no_validate=True,
            class_name="form",
        ),
        entry_list(AdminStreamers.approved, _approved, "Nobody is approved."),
        class_name="panel stack",
        aria_labelledby="approved",
    )


def _waiting(request: RequestView) -> rx.Component:
    return _entry(
        request,
        rx.el.p(local_date(at=request.at), ": ", request.text, class_name="entry__reason"),
        rx.el.button(
            "Approve",
            type="button",
            on_click=AdminStreamers.approve_request(request.name),
            aria_label=f"Approve {request.name}",
            class_name="btn btn--secondary btn--sm",
        ),
        _choose(request, "Refuse"),
    )


def _approved(request: RequestView) -> rx.Component:
    return _entry(request, rx.el.p("by ", request.by, class_name="entry__reason"), _choose(request, "Revoke"))


def _choose(request: RequestView, label: str) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        on_click=AdminStreamers.choose(request.user_id),
        aria_label=f"{label} {request.name}",
        class_name="btn btn--danger btn--sm",
    )


def _entry(request: RequestView, about: rx.Component, *buttons: rx.Component) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            nav_link(request.name, to=routes.admin_user(request.name), class_name="link entry__name"),
            about,
            class_name="entry__body",
        ),
        rx.el.div(*buttons, class_name="row row--wrap"),
        key=request.user_id,
        class_name="entry",
    )
