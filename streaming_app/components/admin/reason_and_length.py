"""The fields of the forms that suspend a user and cut off a stream."""

from collections.abc import Sequence

import reflex as rx

from streaming_app.components.form_controls import field, select


def reason_and_length(
    reader: str, lengths: Sequence[str], *, reason_error: str, length_error: str
) -> tuple[rx.Component, rx.Component]:
    """Return the fields ``reason``, which is shown to the ``reader``, and ``duration``, one of ``lengths``."""
    return (
        field("reason", "Reason", reason_error, hint=f"Shown to the {reader}.", max_length=200, auto_complete="off"),
        select("duration", "How long", tuple((each, each) for each in lengths), length_error),
    )
