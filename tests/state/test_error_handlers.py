"""Failing event handlers: a message for the user and one log line, both without input."""

import logging
from typing import Any

import pytest

from streaming_app.backend.errors import NotFoundError, StoreUnavailableError
from streaming_app.backend.text_cleaning import visible_text
from streaming_app.state.error_handlers import STORE_UNAVAILABLE, UNEXPECTED, handler_failed, page_failed

SECRET = "correct horse"


def raised(failing: Any) -> Exception:
    """Return the exception, with a traceback in the project's code, that ``failing`` causes."""
    try:
        visible_text(failing)
    except Exception as failure:  # noqa: BLE001 - whatever it is
        return failure
    raise AssertionError


class Unhelpful:
    """A text that raises an error with a secret in its message."""

    def isascii(self) -> bool:
        raise ValueError(SECRET)


def test_a_refusal_shows_its_message_and_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    toast = str(handler_failed(NotFoundError("There is no such channel.")))

    assert "There is no such channel." in toast
    assert caplog.records == []


def test_an_outage_of_the_store_says_to_try_again(caplog: pytest.LogCaptureFixture) -> None:
    toast = str(handler_failed(StoreUnavailableError()))

    assert STORE_UNAVAILABLE in toast
    assert caplog.records == []


def test_an_unexpected_error_is_logged_with_type_and_place_without_input(
    caplog: pytest.LogCaptureFixture,
) -> None:
    toast = str(handler_failed(raised(Unhelpful())))

    assert UNEXPECTED in toast
    [record] = caplog.records
    assert record.getMessage().startswith("An event failed: ValueError in streaming_app/backend/text_cleaning.py:")
    assert record.levelno == logging.ERROR
    assert SECRET not in caplog.text
    assert SECRET not in toast


def test_a_repeated_failure_logs_its_traceback_once(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        handler_failed(raised(5))

    first, *later = [record.getMessage() for record in caplog.records]
    assert "\n" in first
    assert len(later) == 2
    assert set(later) == {first.partition("\n")[0]}


def test_a_failure_outside_the_project_is_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    try:
        int(SECRET)
    except ValueError as failure:
        handler_failed(failure)

    [record] = caplog.records
    assert "\n" not in record.getMessage()
    assert SECRET not in record.getMessage()


def test_a_browser_error_is_logged_in_one_short_line_without_control_characters(
    caplog: pytest.LogCaptureFixture,
) -> None:
    page_failed(Exception("TypeError\n2026-01-01 ERROR forged\x1b[31m" + "x" * 10_000))

    [record] = caplog.records
    assert "\n" not in record.getMessage()
    assert "\x1b" not in record.getMessage()
    assert len(record.getMessage()) < 400
