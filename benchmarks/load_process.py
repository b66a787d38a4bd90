"""The command line of a process that simulates viewers: reads its plan from options, prints its findings as JSON."""

import argparse
import json
import resource
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import uvloop

from tests.rig.processes import Process

Plan = TypeVar("Plan")


def run_load_process(
    description: str | None,
    plan_of: type[Plan],
    run: Callable[[Plan], Coroutine[Any, Any, dict[str, object]]],
    arguments: Sequence[str] | None,
) -> int:
    """Read a plan, with one option for each field of the dataclass, and ``run`` it.

    Raises the limit of open files to the highest value that the system allows.
    """
    parser = argparse.ArgumentParser(description=description)
    for name, kind in plan_of.__annotations__.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, required=True)
    plan = plan_of(**vars(parser.parse_args(arguments)))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(json.dumps(uvloop.run(run(plan))))
    return 0


def findings_of(process: Process) -> dict[str, Any]:
    """Return the findings that a process printed. It must have ended."""
    return json.loads(process.output().splitlines()[-1])
