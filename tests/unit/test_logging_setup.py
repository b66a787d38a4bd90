"""The form of log lines, and limits for repeated ones."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

from streaming_app.backend.adapters.logging_setup import LINES_A_MINUTE, FloodFilter, LineFormatter
from streaming_app.backend.request_ids import working_on

ROOT = Path(__file__).parents[2]


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


def written(record: logging.LogRecord, *, as_json: bool = True) -> str:
    return LineFormatter("reaper", as_json=as_json).format(record)


def failure() -> logging.LogRecord:
    try:
        raise ValueError("line one\nline two")  # noqa: TRY301 - to have a traceback
    except ValueError:
        return logging.LogRecord("streaming_app.x", logging.ERROR, "", 0, "It failed", (), sys.exc_info())


def test_a_line_is_one_json_object_with_time_level_logger_event_and_fields() -> None:
    record = line("The disk of %s is “full”\n", "DATA_DIR", name="streaming_app.x")
    record.created = 1795968000.5
    record.channel_id = "c1"

    with working_on(["r1"]):
        [text] = written(record).split("\n")

    assert list(json.loads(text).items()) == [
        ("time", "2026-11-29T16:00:00.500Z"),
        ("level", "info"),
        ("logger", "streaming_app.x"),
        ("event", "The disk of DATA_DIR is “full”\n"),
        ("process", "reaper"),
        ("request_id", "r1"),
        ("channel_id", "c1"),
    ]


def test_a_line_about_several_requests_names_all() -> None:
    with working_on(["r1", "r2"]):
        assert json.loads(written(line("Handled")))["request_ids"] == ["r1", "r2"]


def test_a_traceback_is_a_field_of_its_line() -> None:
    [text] = written(failure()).split("\n")

    assert json.loads(text)["exception"].endswith("ValueError: line one\nline two")


def test_lines_for_people_have_the_same_fields_and_a_plain_traceback() -> None:
    with working_on(["r1"]):
        first, *traceback = written(failure(), as_json=False).split("\n")

    assert first.endswith("[error] It failed [streaming_app.x] process=reaper request_id=r1")
    assert traceback[-1] == "line two"


def run(program: str, **variables: str) -> list[str]:
    """Run ``program`` with logging set up, and return the lines that it writes."""
    beginning = (
        "import logging, warnings\n"
        "from streaming_app.backend.adapters.logging_setup import name_process, set_up_logging\n"
        "from streaming_app.backend.config import read_settings\n"
        "set_up_logging()\n"
    )
    command = [sys.executable, "-c", beginning + program]
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(  # noqa: S603 - our own
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    ).stderr.splitlines()


def test_lines_of_libraries_warnings_and_crashes_are_json_too() -> None:
    lines = run(
        "name_process('web', read_settings())\n"
        "logging.getLogger('some.library').warning('It %s', 'works')\n"
        "logging.getLogger('engineio.server').error('An error')\n"
        "warnings.warn('Old')\n"
        "1 / 0\n"
    )

    told = [json.loads(each) for each in lines]
    assert [(each["logger"], each["level"], each["process"]) for each in told] == [
        ("some.library", "warning", "web"),
        ("engineio.server", "error", "web"),
        ("py.warnings", "warning", "web"),
        ("streaming_app", "critical", "web"),
    ]
    assert "ZeroDivisionError" in told[-1]["exception"]


def test_a_setting_chooses_the_form_and_the_least_level() -> None:
    program = (
        "name_process('web', read_settings())\n"
        "log = logging.getLogger('streaming_app.x')\n"
        "log.debug('small'); log.info('normal'); log.warning('big')\n"
    )

    assert [json.loads(each)["event"] for each in run(program, LOG_LEVEL="debug")] == ["small", "normal", "big"]
    [text] = run(program, LOG_LEVEL="warning", LOG_FORMAT="text")
    assert text.endswith("[warning] big [streaming_app.x] process=web")


def test_commands_write_lines_for_people() -> None:
    [text] = run("logging.getLogger('streaming_app.x').info('hello')")

    assert text.endswith("[info] hello [streaming_app.x]")
