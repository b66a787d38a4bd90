"""The pages of the administration."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.admin import invitations, reports, streamers, streams, users
from streaming_app.components.admin.admin_page import admin_page, nothing_here
from streaming_app.components.admin.audit_entries import audit_entries
from streaming_app.components.entries import more_button
from streaming_app.components.form_controls import field, select, submit
from streaming_app.components.layout import page
from streaming_app.state.admin import AdminState
from streaming_app.state.admin_invitations import AdminInvitations
from streaming_app.state.admin_log import AdminLog
from streaming_app.state.admin_reports import AdminReports
from streaming_app.state.admin_streamers import AdminStreamers
from streaming_app.state.admin_streams import AdminStreams
from streaming_app.state.admin_users import AdminUser, AdminUsers
from streaming_app.state.admin_view_models import ACTIONS
from streaming_app.state.reauthentication import InterruptedAction


def user_list() -> rx.Component:
    """The list of users."""
    return admin_page(routes.ADMIN, users.user_list())


def one_user() -> rx.Component:
    """One user."""
    content = admin_page(
        routes.ADMIN,
        users.user_facts(),
        users.suspension(),
        users.role(),
        users.deletion(),
        users.recent_entries(),
        title=AdminUser.user.name,
    )
    return rx.cond(AdminUser.missing, page(nothing_here()), content)


def report_list() -> rx.Component:
    """The reports."""
    return admin_page(routes.ADMIN_REPORTS, reports.open_reports(), reports.resolved_reports())


def live_streams() -> rx.Component:
    """The live streams."""
    return admin_page(routes.ADMIN_STREAMS, streams.cut_off_form(), streams.live_streams(), streams.blocked_channels())


def streamer_requests() -> rx.Component:
    """The requests to stream."""
    return admin_page(
        routes.ADMIN_STREAMERS,
        streamers.refusal_form(),
        streamers.waiting_requests(),
        streamers.approved_streamers(),
    )


def invitation_page() -> rx.Component:
    """The invitations."""
    return admin_page(routes.ADMIN_INVITATIONS, invitations.new_invitation(), invitations.invitation_list())


def audit_log() -> rx.Component:
    """The audit log."""
    return admin_page(
        routes.ADMIN_LOG,
        rx.el.section(
            rx.el.form(
                field("name", "User", auto_complete="off", max_length=100),
                select("action", "Action", (("", "All"), *ACTIONS)),
                submit("Search", class_name="btn--secondary"),
                on_submit=AdminLog.search,
                role="search",
                class_name="form admin__search",
            ),
            audit_entries(AdminLog.entries),
            more_button("Show older", AdminLog.older, shown=AdminLog.has_older),
            class_name="panel stack",
            aria_label="Audit log",
        ),
    )


def register(app: rx.App) -> None:
    """Add the pages to the app. Their titles say nothing to those who may not open them."""
    for component, route, event in (
        (user_list, routes.ADMIN, AdminUsers.open),
        (one_user, routes.ADMIN_USER, [AdminUser.open, InterruptedAction.resume]),
        (report_list, routes.ADMIN_REPORTS, AdminReports.open),
        (live_streams, routes.ADMIN_STREAMS, AdminStreams.open),
        (streamer_requests, routes.ADMIN_STREAMERS, AdminStreamers.open),
        (invitation_page, routes.ADMIN_INVITATIONS, AdminInvitations.open),
        (audit_log, routes.ADMIN_LOG, AdminLog.open),
    ):
        title = rx.cond(AdminState.may_administer, theme.page_title("Administration"), theme.page_title("Not found"))
        app.add_page(component, route=route, title=title, on_load=event)
