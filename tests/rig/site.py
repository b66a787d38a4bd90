"""The whole site as `make run` starts it: built pages, web process, nginx, workers, behind one front door."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from tests.rig.nginx import PORTS
from tests.rig.ports import HOST, free_port
from tests.rig.processes import Process, descendants

ROOT = Path(__file__).parents[2]
BUILD_FOLDER = ROOT / ".tools/test-web"
"""Where Reflex builds the tests' pages, apart from those of a site that runs beside the tests."""
START_SECONDS = 300
"""The first start fetches npm packages and builds the pages."""
HEAL_SECONDS = 60


class Site:
    """One running site. Its addresses stay the same however often its parts die."""

    def __init__(self, folder: Path, ports: Mapping[str, int], settings: Mapping[str, str]) -> None:
        self.ports = ports
        self.url = f"http://{HOST}:{ports['HTTP_PORT']}"
        self.rtmp_url = f"rtmp://{HOST}:{ports['RTMP_PORT']}/live"
        self.store_file = folder / "data/streaming.sqlite3"
        """Unless it is on MongoDB."""
        self.environment = {**environment_of(folder / "data", ports), **settings}
        run = ROOT / "scripts/run.sh"
        self.process = Process("site", [run], folder / "site.log", environment=self.environment, folder=ROOT)

    def answers(self) -> bool:
        """Whether front door, web process and backend all work."""
        try:
            with urlopen(f"{self.url}/api/health", timeout=2) as answer:  # noqa: S310 - our own
                return answer.status == 200
        except (URLError, OSError):
            return False

    def live(self) -> list[str]:
        """The slugs in the live list, as anyone may ask for it."""
        with urlopen(f"{self.url}/api/channels/live", timeout=5) as answer:  # noqa: S310 - our own
            return [channel["slug"] for channel in json.load(answer)["channels"]]

    def wait_until_up(self, deadline_seconds: float = HEAL_SECONDS) -> None:
        """Return when the site answers; raises with the end of its log past the deadline."""
        self.process.wait_until(self.answers, "the site answered", deadline_seconds)

    def kill(self, program: str) -> None:
        """`kill -9` every process of the site whose command line contains `program`; one must be there."""
        victims = self.parts(program)
        assert victims, f"nothing called {program} runs"
        for victim in victims:
            victim.kill()

    @contextmanager
    def frozen(self, program: str) -> Generator[None]:
        """Stop whatever `program` names for as long as the block lasts, and the supervisor, which would notice."""
        stopped = [self.supervisor(), *self.parts(program)]
        assert len(stopped) > 1, f"nothing called {program} runs"
        for part in stopped:
            part.suspend()
        try:
            yield
        finally:
            for part in reversed(stopped):
                part.resume()

    def supervisor(self) -> psutil.Process:
        """The one child of the process that was started, which is its guard."""
        [supervisor] = psutil.Process(self.process.pid).children()
        return supervisor

    def kill_web_process(self) -> None:
        """`kill -9` the process that serves the pages and the feed."""
        self.web_process().kill()

    def kill_web_parent(self) -> None:
        """`kill -9` the process that started the one above."""
        parent = self.web_process().parent()
        assert parent is not None
        assert parent.pid != self.process.pid, "the web process has no parent of its own"
        parent.kill()

    def web_process(self) -> psutil.Process:
        """The process that serves the pages and the feed."""
        port = self.ports["WEB_PORT"]
        [web_process] = descendants(self.process.pid, lambda part: port in _listens_on(part))
        return web_process

    def parts(self, program: str) -> list[psutil.Process]:
        """The site's processes whose command line contains ``program``."""
        return descendants(self.process.pid, lambda part: program in " ".join(part.cmdline()))


def choose_ports() -> dict[str, int]:
    """Free ports by the names of their settings."""
    return {name.upper(): free_port() for name in PORTS}


def environment_of(data: Path, ports: Mapping[str, int]) -> dict[str, str]:
    """The settings of a site for one machine, of which nothing is left behind."""
    return {
        "DATA_DIR": str(data),
        "BIND_HOST": HOST,
        "REFLEX_WEB_WORKDIR": str(BUILD_FOLDER.relative_to(ROOT)),
        "REFLEX_USE_NPM": "1",
        "REGISTRATION_BURST": "1000",  # all people of the tests come from one address
        "SITE_REGISTRATION_BURST": "1000",
        **{name: str(port) for name, port in ports.items()},
    }


def operate(settings: Mapping[str, str], *words: str) -> None:
    """What an operator does on the command line, such as ``topics`` once before the first start with Kafka."""
    command = [sys.executable, "-m", "streaming_app.backend", *words]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **settings})


@contextmanager
def running_site(folder: Path, ports: Mapping[str, int], settings: Mapping[str, str]) -> Generator[Site]:
    """A site for as long as the block lasts, up and answering."""
    site = Site(folder, ports, settings)
    try:
        site.wait_until_up(START_SECONDS)
        yield site
    finally:
        site.process.stop()


def _listens_on(process: psutil.Process) -> set[int]:
    return {c.laddr.port for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.laddr}
