"""The list of users, and the panels about one user."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.admin.audit_entries import audit_entries
from streaming_app.components.admin.reason_and_length import reason_and_length
from streaming_app.components.clock import local_date
from streaming_app.components.confirm_button import confirm_button
from streaming_app.components.entries import entry_list, more_button
from streaming_app.components.form_controls import field, select, submit
from streaming_app.components.keep_mounted import keep_mounted, keep_one_mounted
from streaming_app.components.layout import nav_link
from streaming_app.state.admin import AdminState
from streaming_app.state.admin_users import GROUPS, ROLES, SUSPENSION_LENGTHS, AdminUser, AdminUsers
from streaming_app.state.admin_view_models import UserView


def user_list() -> rx.Component:
    """The search form and the users that it finds."""
    return rx.el.section(
        rx.el.form(
            field("text", "Name or email", type="search", auto_complete="off", max_length=100),
            select("group", "Show", GROUPS),
            submit("Search", class_name="btn--secondary"),
            on_submit=AdminUsers.search,
            role="search",
            class_name="form admin__search",
        ),
        entry_list(AdminUsers.users, _user, "No user matches.", role="status"),
        more_button("Show more", AdminUsers.more, shown=AdminUsers.next_page != ""),
        class_name="panel stack",
        aria_label="Users",
    )


def user_facts() -> rx.Component:
    """What is known about the user."""
    user = AdminUser.user
    return rx.el.section(
        rx.el.p(*_badges(user), class_name="entry__line"),
        rx.cond(user.email != "", rx.el.p(user.email, class_name="entry__reason")),
        rx.el.p("Registered ", local_date(at=user.created_at, long=True), class_name="entry__reason"),
        rx.cond(user.suspended, rx.el.p("Reason of the suspension: ", user.reason, class_name="entry__reason")),
        rx.el.div(
            nav_link("Open channel", to=routes.channel(user.name.lower()), class_name="btn btn--secondary btn--sm"),
            confirm_button(
                "sign-out-user",
                "Sign out everywhere",
                "Sign this user out?",
                "All their browsers are signed out. They can sign in again.",
                "Sign out",
                AdminUser.sign_out_user,
                icon="log-out",
                class_name="btn--secondary btn--sm",
            ),
            class_name="row row--wrap",
        ),
        class_name="panel stack",
        aria_label="Account",
    )


def suspension() -> rx.Component:
    """The form that suspends the user, or the button that lifts the suspension."""
    user = AdminUser.user
    return rx.el.section(
        rx.el.h2("Suspension", id="suspension", class_name="panel__title"),
        keep_one_mounted(
            {
                "suspend": _suspend(),
                "lift": rx.el.button(
                    rx.icon("undo-2", size=16),
                    "Lift the suspension",
                    type="button",
                    on_click=AdminUser.unsuspend,
                    class_name="btn btn--secondary",
                ),
            },
            shown=rx.cond(user.user_id == "", "", rx.cond(user.suspended, "lift", "suspend")),
            version=user.user_id,
        ),
        class_name="panel stack",
        aria_labelledby="suspension",
    )


def role() -> rx.Component:
    """The form that changes the role of the user, for admins."""
    user = AdminUser.user
    return keep_mounted(
        rx.el.section(
            rx.el.h2("Role", id="role-title", class_name="panel__title"),
            rx.el.form(
                select("role", "Role", ROLES, default_value=user.role),
                submit("Change role", class_name="btn--secondary"),
                on_submit=AdminUser.set_role,
                class_name="form admin__search",
            ),
            class_name="panel stack",
            aria_labelledby="role-title",
        ),
        rx.fragment(),
        ready=AdminState.is_admin & (user.user_id != ""),
        version=f"{user.user_id} {user.role}",
    )


def deletion() -> rx.Component:
    """The button that orders the deletion of the account, for admins."""
    user = AdminUser.user
    return rx.cond(
        AdminState.is_admin,
        rx.el.section(
            rx.el.h2("Delete account", id="delete-title", class_name="panel__title"),
            rx.cond(
                user.leaving,
                rx.cond(
                    user.deletes_at != "",
                    rx.el.p(
                        "The account will be deleted on ",
                        local_date(at=user.deletes_at, long=True),
                        ". Until then, the user can sign in and keep it.",
                        role="status",
                    ),
                    rx.el.p("The account is being deleted.", role="status"),
                ),
                rx.fragment(
                    rx.el.p(
                        "The user is signed out and their channel is hidden at once. The account and its data are"
                        " deleted after the same time as when users delete their own account. Until then, the user"
                        " can sign in and keep it.",
                        class_name="field__hint",
                    ),
                    confirm_button(
                        "delete-account",
                        "Delete account",
                        "Delete this account?",
                        "The user is signed out, and the account and all its data will be deleted.",
                        "Delete",
                        AdminUser.delete_account,
                        icon="trash-2",
                        class_name="btn--secondary",
                    ),
                ),
            ),
            class_name="panel stack",
            aria_labelledby="delete-title",
        ),
    )


def recent_entries() -> rx.Component:
    """The newest entries of the audit log about the user, for admins."""
    return rx.cond(
        AdminState.is_admin,
        rx.el.section(
            rx.el.h2("Recent entries of the audit log", id="recent", class_name="panel__title"),
            audit_entries(AdminUser.entries),
            class_name="panel stack",
            aria_labelledby="recent",
        ),
    )


def _suspend() -> rx.Component:
    errors = AdminUser.errors
    return rx.el.div(
        rx.el.p(
            "A suspended user is signed out everywhere, cannot sign in, and their stream ends.",
            class_name="field__hint",
        ),
        rx.el.form(
            *reason_and_length("user", SUSPENSION_LENGTHS, reason_error=errors.reason, length_error=errors.duration),
            submit("Suspend", class_name="btn--live"),
            on_submit=AdminUser.suspend,
            no_validate=True,
            class_name="form",
        ),
    )


def _user(user: UserView) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                nav_link(user.name, to=routes.admin_user(user.name), class_name="link entry__name"),
                *_badges(user),
                class_name="entry__line",
            ),
            rx.el.p(
                rx.cond(user.email != "", f"{user.email} · ", ""),
                "registered ",
                local_date(at=user.created_at),
                class_name="entry__reason",
            ),
            class_name="entry__body",
        ),
        key=user.user_id,
        class_name="entry",
    )


def _badges(user: UserView) -> tuple[rx.Component, ...]:
    return (
        rx.cond(user.role != "user", rx.el.span(user.role_name, class_name="badge badge--offline")),
        rx.cond(
            user.suspended,
            rx.el.span(
                "Suspended",
                rx.cond(
                    user.suspended_until != "", rx.el.span(" until ", local_date(at=user.suspended_until, long=True))
                ),
                class_name="badge badge--warning",
            ),
        ),
    )
