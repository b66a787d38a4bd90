"""How failures are logged: an outage in one line, everything else with its traceback."""

import logging

import pytest

from streaming_app.backend.errors import BusUnavailableError, StoreUnavailableError
from streaming_app.backend.failure_logging import log_failure, outage_of

log = logging.getLogger(__name__)

STORE = "the store does not answer"
BUS = "the bus does not accept events"


@pytest.mark.parametrize(
    ("failure", "outage"),
    [
        (StoreUnavailableError(), STORE),
        (BusUnavailableError(), BUS),
        (ExceptionGroup("two", [StoreUnavailableError(), StoreUnavailableError()]), STORE),
        (ExceptionGroup("two", [StoreUnavailableError(), BusUnavailableError()]), f"{BUS} and {STORE}"),
        (ExceptionGroup("nested", [ExceptionGroup("one", [StoreUnavailableError()])]), STORE),
    ],
    ids=repr,
)
def test_an_outage_is_one_line(caplog: pytest.LogCaptureFixture, failure: Exception, outage: str) -> None:
    log_failure(log, failure, "Pass %d failed", 3)

    [record] = caplog.records
    assert record.getMessage() == f"Pass 3 failed: {outage}"
    assert record.exc_info is None


@pytest.mark.parametrize(
    "failure",
    [
        OSError("disk"),
        ExceptionGroup("two", [StoreUnavailableError(), KeyError("key")]),
        ExceptionGroup("nested", [StoreUnavailableError(), ExceptionGroup("one", [KeyError("key")])]),
    ],
    ids=repr,
)
def test_other_failures_have_a_traceback(caplog: pytest.LogCaptureFixture, failure: Exception) -> None:
    log_failure(log, failure, "Pass %d failed", 3)

    [record] = caplog.records
    assert record.getMessage() == "Pass 3 failed"
    assert record.exc_info is not None
    assert record.exc_info[1] is failure
    assert outage_of(failure) == ""
