"""The form for a new invitation, and the list of invitations."""

import reflex as rx

from streaming_app.components.clock import local_date
from streaming_app.components.entries import entry_list
from streaming_app.components.form_controls import copy_field, field, select, submit
from streaming_app.state.admin_invitations import (
    INVITATION_FORM,
    INVITATION_LIFETIMES,
    AdminInvitations,
    InvitationView,
)


def new_invitation() -> rx.Component:
    """The form, and the link of the invitation that was just created."""
    errors = AdminInvitations.errors
    return rx.el.section(
        rx.el.h2("New invitation", id="new-invitation", class_name="panel__title"),
        rx.match(
            AdminInvitations.mode,
            (
                "open",
                rx.el.p("Registration is open: nobody needs an invitation.", class_name="field__hint"),
            ),
            ("closed", rx.el.p("Registration is closed: nobody can use an invitation.", class_name="field__hint")),
            rx.el.p("Only people with an invitation can register.", class_name="field__hint"),
        ),
        rx.cond(
            AdminInvitations.link != "",
            copy_field(
                "invitation-link", "Link", AdminInvitations.link, hint="Send this link now. It is not shown again."
            ),
        ),
        rx.el.form(
            field("note", "For whom", errors.note, optional=True, hint="Only staff see this.", max_length=80),
            field("uses", "How many people may use it", errors.uses, default_value="1", input_mode="numeric"),
            select("lifetime", "Valid for", tuple((each, each) for each in INVITATION_LIFETIMES), errors.lifetime),
            submit("Create the link"),
            on_submit=AdminInvitations.create,
            id=INVITATION_FORM,
            no_validate=True,
            class_name="form",
        ),
        class_name="panel stack",
        aria_labelledby="new-invitation",
    )


def invitation_list() -> rx.Component:
    """The invitations that have not expired, with buttons that revoke them."""
    return rx.el.section(
        rx.el.h2("Invitations", id="invitations", class_name="panel__title"),
        entry_list(AdminInvitations.invitations, _invitation, "There are no invitations."),
        class_name="panel stack",
        aria_labelledby="invitations",
    )


def _invitation(invitation: InvitationView) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(rx.cond(invitation.note != "", invitation.note, "No note"), class_name="entry__name"),
                rx.el.span(invitation.uses, " of ", invitation.uses_max, " used", class_name="badge"),
                class_name="entry__line",
            ),
            rx.el.p(
                "by ",
                invitation.by,
                ", until ",
                local_date(at=invitation.expires_at, long=True),
                class_name="entry__reason",
            ),
            class_name="entry__body",
        ),
        rx.el.button(
            "Revoke",
            type="button",
            on_click=AdminInvitations.revoke(invitation.invitation_id),
            class_name="btn btn--danger btn--sm",
        ),
        key=invitation.invitation_id,
        class_name="entry",
    )
