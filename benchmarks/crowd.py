"""Being a crowd: a process that is told on its command line what to do, and prints what it found as JSON."""

import argparse
import json
import resource
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import uvloop

Plan = TypeVar("Plan")


def be_crowd(
    description: str | None,
    plan_of: type[Plan],
    run: Callable[[Plan], Coroutine[Any, Any, dict[str, object]]],
    arguments: Sequence[str] | None,
) -> int:
    """Read a plan, a dataclass of plain values with an option for each, and ``run`` it with as many files as may be."""
    parser = argparse.ArgumentParser(description=description)
    for name, kind in plan_of.__annotations__.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, required=True)
    plan = plan_of(**vars(parser.parse_args(arguments)))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(json.dumps(uvloop.run(run(plan))))
    return 0
