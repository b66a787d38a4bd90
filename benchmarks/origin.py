"""Measure the origin: viewers of one stream, segments a second, and a growing number of streams.

``python -m benchmarks.origin``, or ``make bench-origin``. docs/benchmarks.md explains the figures.
"""

import argparse
import asyncio
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import clip
from benchmarks.one_stream import PICTURE, cores, one_stream, output, program, publish, usages, watch
from benchmarks.realtime import realtime
from benchmarks.results import load, percentile, print_results
from benchmarks.site_without_pages import SiteWithoutPages, running_site_without_pages, usage
from streaming_app.backend.adapters.nginx_conf import find_nginx
from streaming_app.backend.media.ingest_meter import HISTORY_SECONDS
from tests.rig.ports import HOST, free_port
from tests.rig.processes import Process

VIEWERS = 2000
REALTIME_VIEWERS = "100,500,1000"
COMING_A_SECOND = 250
STREAMS = (1, 5, 20)
CONNECTIONS = 32
"""Number of connections that fetch segments."""
ROUNDS = 2
WINDOW_SECONDS = 30
"""Length of the live window of the measured streams. Memory grows until the window is full."""
FULL_SECONDS = HISTORY_SECONDS + 2 * WINDOW_SECONDS
"""Time until the data of the streamer's plots is complete, too; it covers a longer period than the window."""
PLAIN_NGINX = """
daemon off; worker_processes 1; pid "{folder}/nginx.pid"; error_log "{folder}/error.log" warn; {user}
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
    client_body_temp_path "{folder}/t"; proxy_temp_path "{folder}/t"; fastcgi_temp_path "{folder}/t";
    uwsgi_temp_path "{folder}/t"; scgi_temp_path "{folder}/t";
    server {{ listen {host}:{port}; root "{root}"; }}
}}
"""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line."""

    viewers: int
    realtime_viewers: Sequence[int]
    seconds: float
    growth_seconds: float


async def viewers(options: Options) -> dict[str, object]:
    """Measure one stream with many viewers."""
    async with one_stream({}) as (site, channel):
        folder = site.live_dir / channel.low_latency.strip("/") / "source"
        path = f"{channel.low_latency}/source"
        watched = await watch(
            site, "viewers", {"path": path, "folder": folder}, options.viewers, COMING_A_SECOND, options.seconds
        )
    found = watched.found
    late_ms = Counter[int]()
    errors = Counter[str]()
    for one in found:
        late_ms.update({int(ms): count for ms, count in one["late_ms"].items()})
        errors.update(one["errors"])
    delays = sorted(late_ms.elements()) or [-1]
    packager, nginx = (cores(b, a, options.seconds) for b, a in zip(watched.before, watched.after, strict=True))
    return {
        "mode": f"viewers-{options.viewers}",
        "median_ms": percentile(delays, 0.5),
        "p95_ms": percentile(delays, 0.95),
        "max_ms": delays[-1],
        "errors": errors.total(),
        "missed": sum(one["missed"] for one in found),
        "packager_cores": packager,
        "nginx_cores": nginx,
        "client_cores": round(sum(one["cpu_seconds"] for one in found) / options.seconds, 2),
        "playlists_s": round(sum(one["playlists"] for one in found) / options.seconds),
        "parts_s": round(sum(one["parts"] for one in found) / options.seconds),
        "seconds": options.seconds,
        "load": load(),
        "what_failed": dict(errors),
    }


async def segments(options: Options) -> list[dict[str, object]]:
    """Measure downloads of one segment, alternately through the site's nginx and through an nginx with plain files."""
    async with one_stream({}) as (site, channel):
        folder = site.live_dir / channel.low_latency.strip("/") / "source"
        newest = max(folder.glob("[0-9]*[0-9].m4s"), key=lambda file: (file.name.count(".") == 1, file.name))
        path = f"/{newest.relative_to(site.live_dir)}"
        size = newest.stat().st_size
        own_root = site.folder / "files"  # the live window moves on during the measurement
        (own_root / path.strip("/")).parent.mkdir(parents=True)
        shutil.copy(newest, own_root / path.strip("/"))
        with _plain_nginx(site.folder / "plain", own_root) as (plain, port):
            servers = {"segments-site": (site.front, site.port), "segments-plain": (plain, port)}
            results: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
            for _ in range(ROUNDS):
                for name, (process, at) in servers.items():
                    results[name].append(
                        await _fetch(site, process, at, path, max(1.0, options.seconds // (2 * ROUNDS)))
                    )
    rows: list[dict[str, object]] = []
    for name, rounds in results.items():
        times_a_second = sum(times for times, _ in rounds) / ROUNDS
        cores = sum(cores for _, cores in rounds) / ROUNDS
        gigabits = times_a_second * size * 8 / 1e9
        rows.append(
            {
                "mode": name,
                "segment_bytes": size,
                "segments_s": round(times_a_second),
                "gbit_s": round(gigabits, 2),
                "nginx_cores": round(cores, 2),
                "gbit_s_per_core": round(gigabits / cores, 1) if cores else None,
                "load": load(),
            }
        )
    return rows


async def streams(
    options: Options, counts: Sequence[int] = STREAMS, full_seconds: float = FULL_SECONDS
) -> list[dict[str, object]]:
    """Measure a growing number of streams without viewers, then the largest for longer to see if memory grows.

    The last measurement begins ``full_seconds`` after its streams.
    """
    rows: list[dict[str, object]] = []
    async with running_site_without_pages({"LIVE_WINDOW": str(WINDOW_SECONDS)}) as site, AsyncExitStack() as publishers:
        file = site.folder / "clip.flv"
        await asyncio.to_thread(clip.make, file, PICTURE)
        idle, _ = await _watched(site, options.seconds)
        running = 0
        for wanted in counts:
            for index in range(running, wanted):
                await publish(site, file, f"streamer{index}", publishers)
            running = wanted
            is_last = wanted == counts[-1]
            await asyncio.sleep(full_seconds if is_last else WINDOW_SECONDS + 5)  # until the start has settled, too
            seconds = options.growth_seconds if is_last else options.seconds
            (packager, nginx), resident = await _watched(site, seconds)
            rows.append(
                {
                    "mode": f"streams-{wanted}",
                    "packager_percent": round(packager * 100, 1),
                    "packager_percent_per_stream": round((packager - idle[0]) * 100 / wanted, 2),
                    "nginx_percent_per_stream": round((nginx - idle[1]) * 100 / wanted, 2),
                    "resident_mb": round(resident[1] / 1e6, 1),
                    "growth_mb": round((resident[1] - resident[0]) / 1e6, 1),
                    "seconds": seconds,
                    "load": load(),
                }
            )
    return rows


async def _watched(site: SiteWithoutPages, seconds: float) -> tuple[tuple[float, float], tuple[int, int]]:
    """Return the cores that packager and nginx used during ``seconds``, and the packager's memory before and after."""
    before = usages(site)
    await asyncio.sleep(seconds)
    after = usages(site)
    spent = [(a.cpu_seconds - b.cpu_seconds) / seconds for b, a in zip(before, after, strict=True)]
    return (spent[0], spent[1]), (before[0].resident_bytes, after[0].resident_bytes)


async def _fetch(
    site: SiteWithoutPages, nginx: psutil.Process, port: int, path: str, seconds: float
) -> tuple[float, float]:
    """Return the number of downloads a second, and the cores that nginx used for them."""
    before = usage(nginx)
    if wrk := shutil.which("wrk"):
        words = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", f"http://{HOST}:{port}{path}"]
        fetching = Process("wrk", [wrk, *words], site.folder / "wrk.log")
        times_a_second = float((await output(fetching)).partition("Requests/sec:")[2].split()[0])
    else:
        options = {"port": port, "path": path, "connections": CONNECTIONS, "seconds": seconds}
        times_a_second = float(await output(program(site, "fetching", options)))
    return times_a_second, (usage(nginx).cpu_seconds - before.cpu_seconds) / seconds


@contextmanager
def _plain_nginx(folder: Path, root: Path) -> Generator[tuple[psutil.Process, int]]:
    """Run an nginx that serves only files, for comparison."""
    folder.mkdir()
    port, conf = free_port(), folder / "nginx.conf"
    is_root = psutil.Process().uids().effective == 0
    user = "user root;" if is_root else ""
    conf.write_text(PLAIN_NGINX.format(folder=folder, host=HOST, port=port, root=root, user=user), encoding="utf-8")
    command = [str(find_nginx().path), "-p", str(folder), "-c", str(conf), "-e", str(folder / "error.log")]
    nginx = Process("plain nginx", command, folder / "nginx.log")
    try:
        nginx.wait_until_listening(port)
        master = psutil.Process(nginx.pid)
        nginx.wait_until(lambda: bool(master.children()), "its worker ran")
        yield master.children()[0], port
    finally:
        nginx.stop()


async def _run(parts: Sequence[str], options: Options) -> None:
    for part in parts:
        print(f"{part} ...", file=sys.stderr, flush=True)
        match part:
            case "viewers":
                print_results([await viewers(options)])
            case "realtime":
                print_results([await realtime(viewers, options.seconds) for viewers in options.realtime_viewers])
            case "segments":
                print_results(await segments(options))
            case _:
                print_results(await streams(options))


PARTS = ("viewers", "realtime", "segments", "streams")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the chosen parts, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=VIEWERS, help="of the one stream (%(default)s)")
    parser.add_argument(
        "--realtime-viewers",
        default=REALTIME_VIEWERS,
        help="numbers of real-time viewers, one after another (%(default)s)",
    )
    parser.add_argument("--seconds", type=float, default=30.0, help="to measure each thing (%(default)g)")
    parser.add_argument(
        "--growth-seconds", type=float, default=60.0, help="to watch the memory of 20 streams (%(default)g)"
    )
    parser.add_argument("--parts", default=",".join(PARTS), help="some of %(default)s")
    wanted = parser.parse_args(arguments)
    parts = wanted.parts.split(",")
    if set(parts) - set(PARTS):
        parser.error(f"parts are {', '.join(PARTS)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        realtime_viewers = [int(number) for number in wanted.realtime_viewers.split(",")]
        options = Options(wanted.viewers, realtime_viewers, wanted.seconds, wanted.growth_seconds)
        asyncio.run(_run(parts, options))
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
