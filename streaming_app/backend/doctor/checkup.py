"""Runs checks concurrently, each with a deadline. A check that fails or hangs does not stop the others."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeVar

from streaming_app.backend.doctor.findings import Check, Finding, wrong
from streaming_app.backend.failure_causes import cause_of

CHECK_SECONDS = 4.0
"""A check that takes longer has failed, if no other maximum is wanted."""
REQUEST_SHARE = 0.75
"""How much of the maximum a single request may take, so that its check can still say which server does not answer."""

T = TypeVar("T")


async def run_checks(checks: Mapping[str, Check], seconds: float) -> list[Finding]:
    """Return the findings of all checks, in the order of the checks. Each may take ``seconds``."""
    results = await asyncio.gather(*(_run(name, check, seconds) for name, check in checks.items()))
    return [finding for findings in results for finding in findings]


async def _run(name: str, check: Check, seconds: float) -> list[Finding]:
    try:
        async with asyncio.timeout(seconds):
            return list(await check())
    except TimeoutError:
        return wrong(name, f"There was no answer within {seconds:g} s.", "Find out why it hangs, then run again.")
    except PermissionError as denied:
        return wrong(
            name,
            f"This user may not read {denied.filename or 'a file of the site'}.",
            "Run the command as the user of the site, or correct the owner of the files.",
        )
    except Exception as failed:  # noqa: BLE001 - one check must not stop the others; the message may contain secrets
        return wrong(name, f"The check itself failed ({cause_of(failed)}).", "Report this as a bug of the site.")


async def in_thread(work: Callable[[], T]) -> T:
    """Run blocking ``work`` in a thread that does not keep this program from ending, for example on a dead disk."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(set_result: Callable[[], None]) -> None:
        if not result.done():
            set_result()

    def run() -> None:
        try:
            value = work()
        except Exception as failed:  # noqa: BLE001 - raised by the caller
            done = failed
            with suppress(RuntimeError):  # the program ends
                loop.call_soon_threadsafe(settle, lambda: result.set_exception(done))
        else:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, lambda: result.set_result(value))

    threading.Thread(target=run, daemon=True, name="doctor").start()
    return await result
