"""Limits for repeated log lines."""

import logging

from streaming_app.backend.adapters.logging_setup import LINES_A_MINUTE, FloodFilter


def line(message: str, *arguments: object, name: str = "rtmp") -> logging.LogRecord:
    return logging.LogRecord(name, logging.INFO, "", 0, message, arguments, None)


def test_a_flood_of_one_kind_is_limited_and_summarised() -> None:
    now = [0.0]
    flood = FloodFilter(lambda: now[0])

    written = [flood.filter(line("Publisher %s refused", number)) for number in range(LINES_A_MINUTE + 300)]
    assert sum(written) == LINES_A_MINUTE
    assert flood.filter(line("The site is full"))
    assert flood.filter(line("Publisher %s refused", 7, name="another logger"))
    now[0] += 60
    first, second = line("Publisher %s refused", 8), line("Publisher %s refused", 9)

    assert flood.filter(first)
    assert flood.filter(second)
    assert first.getMessage() == "Publisher 8 refused (300 lines like this one were left out)"
    assert second.getMessage() == "Publisher 9 refused"


def test_a_flood_of_many_kinds_uses_bounded_memory() -> None:
    flood = FloodFilter()

    for number in range(5_000):
        assert flood.filter(line(f"kind {number}"))

    assert flood.kinds <= 1_001
