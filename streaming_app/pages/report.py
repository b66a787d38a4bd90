"""The page with which viewers report a message, a stream or a user."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.auth.account_form import account_page
from streaming_app.components.form_controls import field, form_error, select, submit
from streaming_app.components.keep_mounted import keep_one_mounted
from streaming_app.components.layout import nav_link, page
from streaming_app.pages.not_found import not_found_notice
from streaming_app.state.report import REPORT_REASONS, REPORT_TEXT_MAX, ReportState


def report() -> rx.Component:
    """The form, and the confirmation that the report was sent."""
    return rx.cond(
        ReportState.missing,
        page(not_found_notice("message or channel")),
        account_page(
            "Report",
            "The staff of the site reads your report. The person you report does not learn who sent it.",
            keep_one_mounted(
                {"about a message": _form(_message()), "about a channel": _form(_kind()), "sent": _sent()},
                shown=ReportState.step,
            ),
            nav_link("Back to the channel", to=routes.channel(ReportState.channel_slug), class_name="link"),
        ),
    )


def _message() -> rx.Component:
    return rx.el.div(
        rx.el.p(rx.el.strong(ReportState.name), " wrote:"),
        rx.el.blockquote(ReportState.quote, class_name="entry__quote"),
    )


def _kind() -> rx.Component:
    kinds = ("stream", "The stream"), ("user", "The owner of the channel")
    return select("kind", "What do you report?", kinds, ReportState.errors.kind)


def _form(about: rx.Component) -> rx.Component:
    errors = ReportState.errors
    return rx.el.form(
        form_error(errors.form),
        about,
        select("reason", "Reason", REPORT_REASONS, errors.reason),
        field(
            "text",
            "What happened",
            errors.text,
            optional=True,
            control=rx.el.textarea(
                id="text",
                name="text",
                rows=4,
                max_length=REPORT_TEXT_MAX,
                aria_invalid=errors.text != "",
                aria_describedby="text-error",
                class_name="input",
            ),
        ),
        submit("Send report"),
        on_submit=ReportState.submit,
        no_validate=True,
        class_name="form",
    )


def _sent() -> rx.Component:
    return rx.el.p(
        "Thank you. Your report was sent to the staff. You find the outcome in ",
        nav_link("your reports", to=routes.REPORTS, class_name="link"),
        ".",
        role="status",
        class_name="form__done",
    )


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        report,
        route=routes.REPORT,
        title=theme.page_title("Report"),
        on_load=ReportState.open,
    )
