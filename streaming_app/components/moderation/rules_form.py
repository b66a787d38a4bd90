"""The form for the chat rules of a channel."""

import reflex as rx
from reflex_components_core.el.elements.forms import CheckboxInput

from streaming_app.components.form_controls import field, submit
from streaming_app.components.keep_mounted import keep_mounted
from streaming_app.state.moderation import RULES_FORM, ModerationState


def rules() -> rx.Component:
    """The rules panel. The typed text stays in the browser until the rules have a new version."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Rules", id="rules-title", class_name="panel__title"),
            rx.el.p("They apply to everyone except moderators, from the next message on.", class_name="panel__lead"),
        ),
        rx.el.div(
            rx.cond(
                ModerationState.rules_are_stale,
                rx.el.div(
                    rx.el.span("Someone else has changed the rules."),
                    rx.el.button(
                        "Show changes",
                        type="button",
                        on_click=ModerationState.show_rules,
                        class_name="btn btn--secondary btn--sm",
                    ),
                    class_name="rules__stale",
                ),
            ),
            role="status",
        ),
        keep_mounted(_form(), ready=ModerationState.channel_id != "", version=ModerationState.rules_version),
        class_name="panel stack rules",
        aria_labelledby="rules-title",
    )


def _form() -> rx.Component:
    shown, wrong = ModerationState.rules, ModerationState.rules_errors
    return rx.el.form(
        rx.el.div(
            _number(
                "slow_seconds",
                "Slow mode",
                wrong.slow_seconds,
                shown.slow_seconds,
                "Between messages: 30s, 2m",
            ),
            _number(
                "followers_only_minutes",
                "Followers only",
                wrong.followers_only_minutes,
                shown.followers_only_minutes,
                "Following for: 10m; 0 = any",
            ),
            _number(
                "account_age_minutes",
                "Account age",
                wrong.account_age_minutes,
                shown.account_age_minutes,
                "At least: 30m, 2h, 7d",
            ),
            class_name="rules__numbers",
        ),
        rx.el.div(
            _lines(
                "blocked_terms",
                "Blocked terms",
                wrong.blocked_terms,
                shown.blocked_terms,
                "One per line. Use * as a wildcard (spam* also matches spammer). "
                "Look-alikes such as sp4m are caught too.",
            ),
            _lines(
                "allowed_hosts",
                "Allowed domains",
                wrong.allowed_hosts,
                shown.allowed_hosts,
                "One per line, e.g. example.com. Subdomains are included.",
            ),
            _select(
                "filtered",
                "When a filter matches",
                wrong.filtered,
                shown.filtered,
                {"refused": "Block and say why", "held": "Hold for review"},
            ),
            _select(
                "links",
                "Links",
                wrong.links,
                shown.links,
                {"allowed": "Allowed", "listed": "Allowed domains only", "none": "Not allowed"},
            ),
            _switch("limits_caps", "Block capitals", shown.limits_caps, "Messages mostly IN CAPITALS."),
            _switch("limits_flood", "Block floods", shown.limits_flood, "Repeats and looooong letters."),
            class_name="rules__pairs",
        ),
        submit("Save", class_name="btn--primary"),
        on_submit=ModerationState.save_rules,
        id=RULES_FORM,
        no_validate=True,
        class_name="form",
    )


def _number(name: str, label: str, error: str, value: str, hint: str) -> rx.Component:
    return field(
        name, label, error, hint=hint, default_value=value, placeholder="Off", input_mode="numeric", auto_complete="off"
    )


def _lines(name: str, label: str, error: str, value: str, hint: str) -> rx.Component:
    box = rx.el.textarea(
        id=name,
        name=name,
        default_value=value,
        rows=5,
        spell_check=False,
        auto_capitalize="none",
        class_name="input rules__lines",
        aria_invalid=error != "",
        aria_describedby=f"{name}-hint {name}-error",
    )
    return field(name, label, error, hint=hint, control=box)


def _select(name: str, label: str, error: str, value: str, choices: dict[str, str]) -> rx.Component:
    box = rx.el.select(
        *[rx.el.option(words, value=choice) for choice, words in choices.items()],
        id=name,
        name=name,
        default_value=value,
        class_name="input",
        aria_invalid=error != "",
        aria_describedby=f"{name}-error",
    )
    return field(name, label, error, control=box)


def _switch(name: str, label: str, on: bool, line: str) -> rx.Component:  # noqa: FBT001 - a Var of one
    return rx.el.label(
        CheckboxInput.create(
            type="checkbox",
            role="switch",
            name=name,
            default_checked=on,
            aria_describedby=f"{name}-line",
            class_name="switch__mark",
        ),
        rx.el.span(label, class_name="switch__label"),
        rx.el.span(line, id=f"{name}-line", class_name="switch__line"),
        class_name="switch",
    )
