"""One run: a site under load, faults one after another, and the comparison at the end."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from benchmarks.chaos import comparison, crowd, recordings
from benchmarks.chaos.acts import Acts
from benchmarks.chaos.chaos_site import Servers
from benchmarks.chaos.comparison import Copies
from benchmarks.chaos.faults import INTERRUPTS_RECORDINGS, Fault
from benchmarks.chaos.population import Channel
from benchmarks.chaos.probes import QUIET_SECONDS, Probes, Recovery, running
from benchmarks.chaos.recordings import Interruption, RecordingReport
from benchmarks.chaos.requests import open_client
from benchmarks.chaos.talk import Talk
from benchmarks.load_process import findings_of
from streaming_app.backend.adapters.metrics.endpoint import metrics_port
from streaming_app.backend.adapters.web_processes import web_processes_of
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.supervisor.programs import packager_names
from tests.rig.conditions import until_async
from tests.rig.metrics import scrape
from tests.rig.ports import is_open
from tests.rig.processes import Process, high_priority
from tests.rig.site import ROOT, Site

SETTLE_SECONDS = 60.0
"""Maximum time at the end until all acknowledged messages are in the history."""
UP_SECONDS = 120.0
"""Maximum time until a program accepts connections again, on a busy machine."""
BEFORE_SECONDS, AFTER_SECONDS = 2.0, 10.0
"""How long before and after a fault a gap in a recording is due to it: an encoder has to connect again."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run."""

    minutes: float
    viewers: int
    realtime: int
    hls: int
    lines_per_second: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The results of a run."""

    recoveries: list[Recovery]
    differences: dict[str, int]
    """Number of lost, doubled and damaged things, by what is wrong."""
    facts: dict[str, object]
    """Other numbers, none of which is an error."""
    recordings: list[RecordingReport]


class Run:
    """A run on a site to which ``publishers`` send the streams of ``channels``."""

    def __init__(
        self,
        options: Options,
        site: Site,
        servers: Servers,
        backend: Backend,
        channels: Sequence[Channel],
        publishers: Sequence[Process],
    ) -> None:
        self._options = options
        self._site = site
        self._servers = servers
        self._backend = backend
        self._channels = channels
        self._publishers = publishers
        self._interruptions: list[Interruption] = []

    async def measure(self, faults: Iterator[Fault]) -> Outcome:
        """Cause faults under load, and compare what is left of it at the end."""
        began = time.time()
        async with open_client(self._site.url) as client, open_client(self._site.url) as browser:
            talk = Talk(self._site.url, self._channels, self._options.lines_per_second)
            acts = Acts(self._backend, client, browser, self._channels)
            probes = Probes(self._site, self._channels, talk)
            viewers = await self._crowd()
            async with running(probes.work()):
                writing = asyncio.create_task(talk.run())
                async with running([acts.sign_in(), acts.moderate()]):
                    # the program must not be late itself; the site and the crowd, which run already, do not inherit it
                    with high_priority():
                        recoveries = await self._cause(faults, probes)
                if self._servers.clock:
                    self._servers.clock.set_offset(0)
                talk.stop()
                await writing
            await self._settle(client, talk)
            await asyncio.to_thread(viewers.stop)
            seen = findings_of(viewers)
            for publisher in self._publishers:
                await asyncio.to_thread(publisher.stop)
            differences, repeated = await self._compare(client, talk, acts, seen)
            reports = [
                await recordings.reports_of(client, channel, self._interruptions, began)
                for channel in self._channels
                if channel.is_recorded
            ]
            checked = [report for of_channel in reports for report in of_channel]
        differences["recordings damaged"] = sum(report.is_damaged for report in checked)
        refused: Counter[str] = talk.refused + acts.refused
        facts: dict[str, object] = {
            "acknowledged": sum(map(len, talk.acknowledged.values())),
            "repeated in Kafka": repeated,
            "sign-ins": len(acts.sessions) + len(acts.ended),
            "bans": len(acts.banned),
            "deletions": len(acts.deleted),
            "recordings": len(checked),
            "viewers without video": seen["stopped"],
            "connections": seen["connections"],
            "restarts of readers": sum(chat["restarts"] for chat in seen["chat"].values()),
            "refused": dict(refused),
        }
        return Outcome(recoveries, differences, facts, checked)

    async def _crowd(self) -> Process:
        options = self._options
        words = {
            "port": self._site.ports["HTTP_PORT"],
            "channels": ",".join(channel.channel_id for channel in self._channels),
            "live-dir": self._site.environment["LIVE_DIR"],
            "viewers": options.viewers,
            "realtime": options.realtime,
            "hls": options.hls,
        }
        command = [sys.executable, "-m", crowd.__name__, *(f"--{name}={value}" for name, value in words.items())]
        process = Process("crowd", command, self._servers.folder / "crowd.log", folder=ROOT)
        await asyncio.to_thread(process.wait_until_said, crowd.CONNECTED)
        return process

    async def _cause(self, faults: Iterator[Fault], probes: Probes) -> list[Recovery]:
        recoveries: list[Recovery] = []
        await asyncio.sleep(2 * QUIET_SECONDS)  # the probes need a time without faults to compare with
        ends_at = time.monotonic() + 60 * self._options.minutes
        for number in count(1):
            fault = next(faults, None)
            if fault is None or time.monotonic() > ends_at:
                break
            print(f"{number}. {fault.name} ...", end=" ", file=sys.stderr, flush=True)
            began = time.time()
            recoveries.append(await probes.recovered(fault, await fault.cause()))
            await until_async(self._is_up, f"all programs were up after {fault.name}", UP_SECONDS)
            print(recoveries[-1], file=sys.stderr, flush=True)
            if fault.part in INTERRUPTS_RECORDINGS:
                self._interruptions.append(Interruption(began - BEFORE_SECONDS, time.time() + AFTER_SECONDS))
        return recoveries

    async def _is_up(self) -> bool:
        """Return whether all programs with a port accept connections, and both packagers have started.

        Until then, only one web process may be left, or no standby.
        """
        ports = [self._site.ports[name] for name in ("HTTP_PORT", "RTMP_PORT", "PACKAGER_PORT")]
        settings = self._servers.settings
        for each in web_processes_of(settings):
            ports += [each.web_port, each.feed_port]
        if not all([await asyncio.to_thread(is_open, port) for port in ports]):
            return False
        programs = await asyncio.to_thread(scrape, metrics_port(settings, "supervisor"))
        return all(programs.get("program_up", program=name) == 1 for name in packager_names(settings))

    async def _settle(self, client: httpx.AsyncClient, talk: Talk) -> None:
        """Wait until the history has all acknowledged messages, or until it is clear that it will not."""
        until = time.monotonic() + SETTLE_SECONDS
        for channel in self._channels:
            expected = set(talk.acknowledged[channel.channel_id])
            while time.monotonic() < until:
                if expected <= {message_id for message_id, _ in await comparison.history_of(client, channel)}:
                    break
                await asyncio.sleep(1)  # each look reads the whole history
        await asyncio.sleep(QUIET_SECONDS)  # viewers who have just lost their connection read the rest

    async def _compare(
        self, client: httpx.AsyncClient, talk: Talk, acts: Acts, seen: dict[str, Any]
    ) -> tuple[dict[str, int], int]:
        """Return what is wrong, and how many messages Kafka has again."""
        log = await comparison.kafka_log(self._servers.kafka.bootstrap_servers)
        deleted = {message_id for _, message_id in acts.deleted}
        found: Counter[str] = Counter()
        for channel in self._channels:
            channel_id = channel.channel_id
            chat = seen["chat"][channel_id]
            acknowledged, history = talk.acknowledged[channel_id], await comparison.history_of(client, channel)
            found.update(
                Copies(acknowledged, history, chat["received"], log.get(channel_id, {}), deleted).differences()
            )
            found.update({"missed by readers": chat["missed"], "read twice": chat["twice"]})
        found["sessions lost"] = await acts.lost_sessions()
        found["ended sessions that work"] = await acts.revived_sessions()
        found["bans lost"] = await acts.lost_bans()
        return dict(found), sum(kafka.total() - len(kafka) for kafka in log.values())
