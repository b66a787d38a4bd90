"""The whole site as `make run` starts it: built pages, web process, nginx and workers, behind one front door."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from streaming_app.backend.supervisor.tcp_ports import listening_pids
from tests.rig.mail_server import MailServer
from tests.rig.nginx import PORTS
from tests.rig.ports import HOST, free_port, is_open
from tests.rig.processes import Process, descendants
from tests.rig.scaled_site import scaled

ROOT = Path(__file__).parents[2]
BUILD_FOLDER = ROOT / ".tools/test-web"
"""Folder in which Reflex builds the tests' pages. A site that runs at the same time has a folder of its own."""
START_SECONDS = 300
"""Maximum time for a start. The first start downloads npm packages and builds the pages."""
HEAL_SECONDS = 60


class Site:
    """One running site. Its addresses do not change when its processes are restarted."""

    def __init__(
        self, folder: Path, ports: Mapping[str, int], settings: Mapping[str, str], health_url: str | None
    ) -> None:
        self.ports = ports
        self.url = f"http://{HOST}:{ports['HTTP_PORT']}"
        self._health_url = health_url or self.url
        self.rtmp_url = f"rtmp://{HOST}:{ports['RTMP_PORT']}/live"
        self.data_dir = folder / "data"
        self.environment = {**environment_of(self.data_dir, ports), **settings}
        run = ROOT / "scripts/run.sh"
        self.mail_server: MailServer | None = None
        """The server that receives the site's mails, if a test runs one."""
        self.process = Process("site", [run], folder / "site.log", environment=self.environment, folder=ROOT)

    def answers(self) -> bool:
        """Whether front door, web process and backend all work."""
        try:
            with urlopen(f"{self._health_url}/api/health", timeout=2) as answer:  # noqa: S310 - our own
                return answer.status == 200
        except (URLError, OSError):
            return False

    def live(self) -> list[str]:
        """Return the slugs in the public list of live channels."""
        with urlopen(f"{self.url}/api/channels/live", timeout=5) as answer:  # noqa: S310 - our own
            return [channel["slug"] for channel in json.load(answer)["channels"]]

    def logged(self) -> str:
        """Return what the site has logged: its own output, and the files of the programs that it runs."""
        files = sorted((self.data_dir / "nginx/logs").glob("*.log"))
        return "".join([self.process.output(), *(file.read_text(encoding="utf-8", errors="replace") for file in files)])

    def wait_until_up(self, deadline_seconds: float = HEAL_SECONDS) -> None:
        """Return when the site answers. After the deadline, raises an error with the end of the site's log."""
        self.process.wait_until(self.answers, "the site answered", deadline_seconds)

    def kill(self, program: str) -> None:
        """Kill all processes of the site whose command line contains `program` by SIGKILL. At least one must exist."""
        victims = self.parts(program)
        assert victims, f"nothing called {program} runs"
        for victim in victims:
            victim.kill()

    @contextmanager
    def frozen(self, program: str) -> Generator[None]:
        """Freeze the processes of `program` while the block runs, and also the supervisor, which would restart them."""
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
        """Return the supervisor: the only child of the started process, which guards it."""
        [supervisor] = psutil.Process(self.process.pid).children()
        return supervisor

    def kill_web_processes(self) -> None:
        """Kill all processes that serve the pages by SIGKILL."""
        for web_process in self.web_processes():
            web_process.kill()

    def web_process(self) -> psutil.Process:
        """Return the process that serves the pages, or the first one of several."""
        return self.web_process_on(self.ports["WEB_PORT"])

    def web_processes(self) -> list[psutil.Process]:
        """Return all processes that serve the pages, as soon as all of them listen."""
        first, count = int(self.environment.get("MORE_WEB_PORT", 0)), int(self.environment.get("WEB_PROCESSES", 1))
        further = range(first, first + 2 * (count - 1), 2)  # each of them has a second port, for its feed
        ports = [self.ports["WEB_PORT"], *further]
        self.process.wait_until(lambda: all(map(is_open, ports)), "all web processes listened", START_SECONDS)
        return [self.web_process_on(port) for port in ports]

    def web_process_on(self, port: int) -> psutil.Process:
        """Return the web process on this port. Raises ``ValueError`` while there is none."""
        [web_process] = descendants(self.process.pid, lambda part: port in _listens_on(part))
        return web_process

    def serving_packager(self) -> psutil.Process:
        """Return the packager that serves, as soon as there is one. The other one is its standby."""
        port = self.ports["PACKAGER_PORT"]
        self.process.wait_until(lambda: bool(listening_pids(port)), "the packager served")
        [serving] = listening_pids(port)
        return psutil.Process(serving)

    def packager(self, number: int) -> psutil.Process:
        """Return a packager: 1 is the program ``packager`` of the supervisor, 2 is ``packager-2``."""
        log = str(self.data_dir / "nginx/logs" / ("packager.log" if number == 1 else f"packager-{number}.log"))
        [found] = [part for part in self.parts("backend.packager") if log in {file.path for file in part.open_files()}]
        return found

    def listening(self) -> set[tuple[str, int]]:
        """Return the addresses on which the site's processes listen: host and port."""
        found: set[tuple[str, int]] = set()
        for part in self.parts(""):
            with suppress(psutil.NoSuchProcess):  # the site starts short programs, too
                found |= _listening_addresses(part)
        return found

    def parts(self, program: str) -> list[psutil.Process]:
        """Return the site's processes whose command line contains ``program``."""
        return descendants(self.process.pid, lambda part: program in " ".join(part.cmdline()))


def choose_ports() -> dict[str, int]:
    """Return free ports by the names of their settings."""
    return {name.upper(): free_port() for name in PORTS}


def environment_of(data: Path, ports: Mapping[str, int]) -> dict[str, str]:
    """Return the settings of a site on one machine that keeps all its data in ``data``."""
    return {
        "DATA_DIR": str(data),
        "BIND_HOST": HOST,
        "REFLEX_WEB_WORKDIR": str(BUILD_FOLDER.relative_to(ROOT)),
        "REFLEX_USE_NPM": "1",
        "REGISTRATION_BURST": "1000",  # all users of the tests have the same address
        "SITE_REGISTRATION_BURST": "1000",
        "PASSWORD_HASH_COST": "10",  # the lowest, because every test registers somebody
        **{name: str(port) for name, port in ports.items()},
    }


def operate(settings: Mapping[str, str], *words: str) -> str:
    """Run an operator's command, such as ``topics`` before the first start with Kafka, and return its output."""
    command = [sys.executable, "-m", "streaming_app.backend", *words]
    environment = {**os.environ, **settings}
    return subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def running_site(
    folder: Path, ports: Mapping[str, int], settings: Mapping[str, str], health_url: str | None = None
) -> Generator[Site]:
    """Run a site while the block runs. It is ready when ``health_url`` answers, by default the front door.

    All web processes of a site that ``scaled_site`` scales listen, too.
    """
    wanted = scaled(settings)
    if "KAFKA_BOOTSTRAP_SERVERS" in wanted and "KAFKA_BOOTSTRAP_SERVERS" not in settings:
        operate(wanted, "topics")
    site = Site(folder, ports, wanted, health_url)
    try:
        site.wait_until_up(START_SECONDS)
        if wanted != settings:
            site.web_processes()
        yield site
    finally:
        site.process.stop()


def _listens_on(process: psutil.Process) -> set[int]:
    return {port for _, port in _listening_addresses(process)}


def _listening_addresses(process: psutil.Process) -> set[tuple[str, int]]:
    connections = process.net_connections("tcp")
    return {(c.laddr.ip, c.laddr.port) for c in connections if c.status == psutil.CONN_LISTEN and c.laddr}
