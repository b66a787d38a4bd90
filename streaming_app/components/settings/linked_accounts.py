"""The accounts at other sites with which the user signs in."""

import reflex as rx

from streaming_app.components.auth.provider_buttons import provider_icon, provider_problem
from streaming_app.components.clock import local_date
from streaming_app.components.layout import full_link
from streaming_app.state.linked_accounts import LinkedAccounts, LinkedAccountView


def linked_accounts() -> rx.Component:
    """Each configured provider with the linked account, and a button that links or unlinks it."""
    return rx.el.section(
        rx.el.h2("Sign in with another site", id="linked-accounts", class_name="panel__title"),
        rx.el.p(
            "Link an account of another site to sign in with it. This site learns only who you are there.",
            class_name="field__hint",
        ),
        provider_problem(LinkedAccounts.problem),
        rx.cond(
            LinkedAccounts.has_none,
            rx.el.p("This site offers no sign-in with other sites.", class_name="linked__none"),
            rx.cond(
                LinkedAccounts.is_loaded,
                rx.el.ul(rx.foreach(LinkedAccounts.accounts, _account), role="list", class_name="sessions"),
                rx.el.div(class_name="skeleton settings__skeleton", aria_hidden="true"),
            ),
        ),
        class_name="panel",
        aria_labelledby="linked-accounts",
    )


def _account(account: LinkedAccountView) -> rx.Component:
    button_id, name_id = f"linked-{account.provider_id}-button", f"linked-{account.provider_id}"
    return rx.el.li(
        provider_icon(account.provider_id),
        rx.el.div(
            rx.el.strong(account.name, id=name_id),
            rx.el.div(
                rx.cond(
                    account.label != "",
                    rx.fragment(account.label, " · linked ", local_date(at=account.linked_at)),
                    "Not linked",
                ),
                class_name="field__hint",
            ),
            class_name="sessions__about",
        ),
        rx.cond(
            account.label != "",
            rx.el.button(
                "Unlink",
                id=button_id,
                type="button",
                on_click=LinkedAccounts.unlink(account.provider_id),
                aria_labelledby=f"{button_id} {name_id}",
                class_name="btn btn--secondary btn--sm",
            ),
            full_link(
                "Link",
                id=button_id,
                to=account.link_url,
                aria_labelledby=f"{button_id} {name_id}",
                class_name="btn btn--secondary btn--sm",
            ),
        ),
        class_name="sessions__one",
    )
