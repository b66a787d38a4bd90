"""The report of a run: a table of the faults, what was lost, and one line of JSON."""

import json
from collections.abc import Sequence

from benchmarks.chaos.measurement import Outcome
from benchmarks.chaos.probes import Recovery
from benchmarks.results import Row, load, print_results


def rows_of(recoveries: Sequence[Recovery]) -> list[Row]:
    """Return one row for each kind of fault, with the longest recovery times in seconds."""
    names = dict.fromkeys(recovery.fault.name for recovery in recoveries)
    return [_row([recovery for recovery in recoveries if recovery.fault.name == name]) for name in names]


def print_report(outcome: Outcome, left_out: Sequence[str]) -> None:
    """Print everything."""
    rows = rows_of(outcome.recoveries)
    print_results(rows)
    for name in left_out:
        print(f"Left out: {name}.")
    for report in outcome.recordings:
        if report.is_damaged:
            print(f"Damaged: {report}")
    totals = {"faults": len(outcome.recoveries), "too slow": sum(bool(row["too_slow"]) for row in rows)}
    everything = {**totals, **outcome.differences, **outcome.facts, "load": load()}
    for name, value in everything.items():
        print(f"{name}: {value}")
    print(f"\n{json.dumps(everything)}\n")
    wrong = {what: number for what, number in outcome.differences.items() if number}
    print(f"Lost, doubled or damaged: {wrong or 'nothing'}.")


def _row(recoveries: Sequence[Recovery]) -> Row:
    fault = recoveries[0].fault
    video = _longest([recovery.video for recovery in recoveries])
    hls = _longest([recovery.hls for recovery in recoveries])
    chat = _longest([recovery.chat for recovery in recoveries])
    slow = [name for name, seconds in (("video", video), ("hls", hls)) if _exceeds(seconds, fault.video_limit)]
    slow += ["chat"] if _exceeds(chat, fault.chat_limit) else []
    return {
        "fault": fault.name,
        "times": len(recoveries),
        "video_s": video,
        "hls_s": hls,
        "chat_s": chat,
        "too_slow": ", ".join(slow),
        "load": max(recovery.load for recovery in recoveries),
    }


def _longest(times: Sequence[float | None]) -> float | None:
    """Return the longest time, or ``None`` if one of them did not end."""
    known = [seconds for seconds in times if seconds is not None]
    return round(max(known), 1) if len(known) == len(times) else None


def _exceeds(seconds: float | None, limit: float) -> bool:
    return seconds is None or seconds > limit
