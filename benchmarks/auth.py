"""Measure sign-in and chat while attackers try passwords or create accounts.

``python -m benchmarks.auth``, or ``make bench-auth``. docs/benchmarks.md explains the figures.
"""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx

from benchmarks.auth_attack import READY
from benchmarks.auth_people import Guest, People, add_people
from benchmarks.chat_crowd import HERE
from benchmarks.chat_fanout import crowd_process
from benchmarks.event_client import LOGIN, EventClient, Outcome
from benchmarks.load_process import findings_of
from benchmarks.results import load, percentile, print_results
from benchmarks.site_environment import SiteEnvironment, temporary_site
from tests.rig.processes import Process
from tests.rig.site import ROOT, choose_ports, running_site

ATTACKS: dict[str, tuple[str, int, int]] = {
    "none": ("", 0, 0),
    "passwords, 1 address": ("passwords", 500, 1),
    "passwords, 500 addresses": ("passwords", 500, 500),
    "registrations, 200 addresses": ("registrations", 200, 200),
}
"""Form, number of attackers and number of their addresses."""
LIMITS = {
    "REGISTRATION_BURST": "10",
    "SITE_REGISTRATION_BURST": "100",
    "PASSWORD_HASH_COST": "12",
    "TRANSCODE": "off",
    "SUPERVISE": "nginx",
}
"""The default limits and the default cost of hashes, which the tests change."""
READERS = 100
MESSAGES_A_SECOND = 10
SIGN_INS_A_SECOND = 2
WAVE_SECONDS = 4.3
"""Not a multiple of the intervals of sign-ins and messages, so that waves meet them at different moments."""
CALM_SECONDS = 3.0
PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class SignIns:
    """The sign-ins of one kind of browser."""

    seconds: list[float] = field(default_factory=list[float])
    refused: int = 0

    def milliseconds(self, share: float) -> float | None:
        """Return a percentile of the durations; ``None`` if no sign-in succeeded."""
        return round(percentile(self.seconds, share) * 1000) if self.seconds else None


async def measure(
    own: SiteEnvironment, people: People, guests: list[Guest], attack: str, seconds: float
) -> dict[str, object]:
    """Measure sign-ins and chat during one kind of attack."""
    port = own.settings.http_port
    count = round(MESSAGES_A_SECOND * seconds)
    crowd = crowd_process(people.channel_id, [str(port)], READERS, count, seconds + PATIENCE_SECONDS, own.folder)
    await asyncio.to_thread(crowd.wait_until_said, HERE)
    async with _attackers(own, attack, seconds) as attackers:
        begin_at = time.monotonic() + CALM_SECONDS
        known, new = SignIns(), SignIns()
        lost, *_ = await asyncio.gather(
            _write(port, people, begin_at, count), _sign_in(port, people, guests, begin_at, known, new)
        )
        await asyncio.to_thread(crowd.wait_until_ended, PATIENCE_SECONDS)
        if attackers:
            await asyncio.to_thread(attackers.wait_until_ended, PATIENCE_SECONDS)
    chat = findings_of(crowd)
    attacked = findings_of(attackers) if attackers else {"answers": {}, "longest_s": None}
    return {
        "attack": attack,
        "sign_ins": len(known.seconds) + len(new.seconds),
        "known_p50_ms": known.milliseconds(0.5),
        "known_p99_ms": known.milliseconds(0.99),
        "known_refused": known.refused,
        "new_p50_ms": new.milliseconds(0.5),
        "new_p99_ms": new.milliseconds(0.99),
        "new_refused": new.refused,
        "chat_p50_ms": chat["p50_ms"],
        "chat_p99_ms": chat["p99_ms"],
        "chat_lost": count * READERS - chat["delivered"] + lost,
        "wave_s": attacked["longest_s"],
        "load": load(),
        "seconds": seconds,
        "answers": attacked["answers"],
        "what_failed": chat["errors"],
    }


@asynccontextmanager
async def _attackers(own: SiteEnvironment, attack: str, seconds: float) -> AsyncGenerator[Process | None]:
    form, attackers, addresses = ATTACKS[attack]
    if not attackers:
        yield None
        return
    plan = {
        "port": own.settings.http_port,
        "form": form,
        "attackers": attackers,
        "addresses": addresses,
        "seconds": seconds,
        "wave-seconds": WAVE_SECONDS,
        "calm-seconds": CALM_SECONDS,
    }
    command = [sys.executable, "-m", "benchmarks.auth_attack", *(f"--{name}={value}" for name, value in plan.items())]
    process = Process("attack", command, own.folder / "attack.log", folder=ROOT)
    try:
        await asyncio.to_thread(process.wait_until_said, READY)
        yield process
    finally:
        process.stop()


async def _write(port: int, people: People, begin_at: float, count: int) -> int:
    """Post ``count`` messages, and return how many were refused."""
    url = f"http://127.0.0.1:{port}/api/channels/{people.channel_id}/messages"
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as client:

        async def post(number: int) -> bool:
            await asyncio.sleep(begin_at + number / MESSAGES_A_SECOND - time.monotonic())
            text = f"message-{number} {time.monotonic():.6f} and then the dragon came back with a bigger axe"
            token = people.tokens[number % len(people.tokens)]
            answer = await client.post(url, json={"text": text}, headers={"Authorization": f"Bearer {token}"})
            return answer.status_code == HTTPStatus.CREATED

        return (await asyncio.gather(*map(post, range(count)))).count(False)


async def _sign_in(
    port: int, people: People, guests: list[Guest], begin_at: float, known: SignIns, new: SignIns
) -> None:
    """Let each guest sign in once, from a page that is open already."""
    pages = [EventClient() for _ in guests]
    await asyncio.gather(
        *(page.open(port, guest.address, guest.cookies) for page, guest in zip(pages, guests, strict=True))
    )

    async def sign_in(number: int, guest: Guest, page: EventClient) -> None:
        await asyncio.sleep(begin_at + number / SIGN_INS_A_SECOND - time.monotonic())
        result = known if guest.cookies else new
        started_at = time.monotonic()
        fields = {"login": guest.username, "password": people.password}
        if await page.submit(LOGIN, "/login", fields) == Outcome.DONE:
            result.seconds.append(time.monotonic() - started_at)
        else:
            result.refused += 1

    await asyncio.gather(*(sign_in(n, guest, page) for n, (guest, page) in enumerate(zip(guests, pages, strict=True))))
    for page in pages:
        page.close()


async def _run(wanted: argparse.Namespace) -> None:
    rows: list[dict[str, object]] = []
    ports = choose_ports()
    with temporary_site(ports, LIMITS) as own:
        attacks = wanted.attacks.split(";")
        guests_each = round(wanted.seconds * SIGN_INS_A_SECOND)
        people = await add_people(own.settings, guests_each * len(attacks))
        with running_site(own.folder, ports, {**LIMITS, "LIVE_DIR": own.environment["LIVE_DIR"]}):
            for number, attack in enumerate(attacks):
                print(f"attack: {attack} ...", file=sys.stderr, flush=True)
                guests = people.guests[number * guests_each :][:guests_each]
                rows.append(await measure(own, people, guests, attack, wanted.seconds))
    print_results(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the chosen attacks, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attacks", default=";".join(ATTACKS), help="separated by semicolons (%(default)s)")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each attack (%(default)g)")
    wanted = parser.parse_args(arguments)
    if unknown := set(wanted.attacks.split(";")) - set(ATTACKS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        asyncio.run(_run(wanted))
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
