"""Attackers in a process of their own: ``python -m benchmarks.auth_attack``, started by benchmarks.auth.

Each attacker has a page of the site open. In each wave all of them submit their forms at the same moment.
"""

import asyncio
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from benchmarks.event_client import LOGIN, REGISTER, EventClient, Outcome
from benchmarks.load_process import run_load_process

COMING_A_SECOND = 200
SPREAD_SECONDS = 0.5
"""Time in which a wave begins. All its submissions are in flight together: the answers take longer."""
READY = "every attacker is connected"
"""Line that the process prints when it is ready."""
FORMS = ("passwords", "registrations")
ADDRESS = "198.51.100.7"
"""The address of all attackers if they share one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of an attack."""

    port: int
    form: str
    """One of ``FORMS``."""
    attackers: int
    addresses: int
    """1, or the number of attackers."""
    seconds: float
    """Time in which waves begin."""
    wave_seconds: float
    """Shortest time from the start of a wave until the next one, which begins when all forms were answered."""
    calm_seconds: float
    """Time between ``READY`` and the first wave."""


async def run(plan: Plan) -> dict[str, Any]:
    """Connect all attackers, run all waves, and return the number of answers of each kind.

    The process runs only when a core is idle, because attackers' computers would take no CPU time from the site.
    """
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    attackers = [EventClient() for _ in range(plan.attackers)]

    async def come(number: int, attacker: EventClient) -> None:
        await asyncio.sleep(number / COMING_A_SECOND)
        own = f"10.{number // 250}.{number % 250}.{FORMS.index(plan.form)}"
        await attacker.open(plan.port, ADDRESS if plan.addresses == 1 else own)

    await asyncio.gather(*(come(number, attacker) for number, attacker in enumerate(attackers)))
    print(READY, flush=True)
    answers: Counter[Outcome] = Counter()
    spread = random.Random(1)  # noqa: S311 - no secret: the same waves in each run
    begin_at = time.monotonic() + plan.calm_seconds
    longest = 0.0
    started_at = begin_at
    while started_at < begin_at + plan.seconds:
        await asyncio.sleep(started_at - time.monotonic())
        started_at = time.monotonic()
        answers.update(await asyncio.gather(*(_submit(plan.form, attacker, spread) for attacker in attackers)))
        longest = max(longest, time.monotonic() - started_at)
        started_at = max(started_at + plan.wave_seconds, time.monotonic())
    for attacker in attackers:
        attacker.close()
    return {"answers": answers, "longest_s": round(longest, 1)}


async def _submit(form: str, attacker: EventClient, spread: random.Random) -> Outcome:
    await asyncio.sleep(spread.uniform(0.0, SPREAD_SECONDS))
    name = f"a{uuid4().hex[:16]}"
    if form == "passwords":
        return await attacker.submit(LOGIN, "/login", {"login": name, "password": "a wrong guess"})
    fields = {"username": name, "email": f"{name}@example.com", "password": "twelve green bottles"}
    return await attacker.submit(REGISTER, "/register", fields)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run an attack, and print its results as JSON."""
    return run_load_process(__doc__, Plan, run, arguments)


if __name__ == "__main__":
    sys.exit(main())
