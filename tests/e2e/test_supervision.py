"""The supervisor restarts processes that do not answer. All processes end if the supervisor itself is killed.

This file is the last of those that share the site, because it ends it.
"""

from collections.abc import Callable

import psutil

from tests.rig.nginx import is_running
from tests.rig.ports import is_open
from tests.rig.site import START_SECONDS, Site

PARTS: dict[str, Callable[[Site], psutil.Process]] = {
    "web": lambda site: site.web_process(),
    "nginx-ingest": lambda site: _worker_of(site, "ingest"),
    "nginx-front": lambda site: _worker_of(site, "front"),
    "packager": lambda site: site.packager(1),
    "packager-2": lambda site: site.packager(2),
}


def test_frozen_programs_are_restarted(site: Site) -> None:
    """All at once, because it takes half a minute until a program is restarted."""
    stopped = {name: part_of(site) for name, part_of in PARTS.items()}
    before = len(site.process.output())

    for part in stopped.values():
        part.suspend()

    for name, part in stopped.items():
        said = f"{name} gave no answer for 15 s"
        site.process.wait_until(
            lambda said=said: said in site.process.output()[before:], f"it said {said!r}", START_SECONDS
        )
        assert not is_running(part)
    for name in stopped:
        site.process.wait_until(lambda name=name: _runs(site, name), f"{name} ran again", START_SECONDS)
    site.wait_until_up()


def test_no_process_of_the_site_outlives_the_supervisor(site: Site) -> None:
    """The last test of this file, because it ends the site."""
    everyone = psutil.Process(site.process.pid).children(recursive=True)

    site.supervisor().kill()

    assert site.process.wait_until_ended() == 128 + 9
    assert not [process for process in everyone if is_running(process)]
    assert not [name for name, port in site.ports.items() if is_open(port)]


def _runs(site: Site, name: str) -> bool:
    try:
        return is_running(PARTS[name](site))
    except (ValueError, psutil.NoSuchProcess):
        return False


def _worker_of(site: Site, instance: str) -> psutil.Process:
    [master] = [part for part in site.parts("nginx: master") if f"/nginx/{instance}" in " ".join(part.cmdline())]
    [worker] = [part for part in master.children() if "worker process" in " ".join(part.cmdline())]
    return worker
