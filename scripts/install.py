"""Install what a target of the Makefile needs: `install.py run|check|test|compose`.

Uses only the standard library, because it runs before anything is installed. Stamps (hashes of the lock files) record
what is installed, so that a second call does nothing.
"""

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
LOG = TOOLS / "install.log"
LOCK = ROOT / "uv.lock"
VENV = ROOT / ".venv"
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
"""PATH, with the folders of nginx on Debian, which are not on an ordinary user's PATH."""

NGINX_MODULES = Path("/usr/lib/nginx/modules")
JAVA_AT_LEAST = 17
COPY_JARS = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


class MissingError(Exception):
    """A missing requirement. The message says in one line how to get it."""


@dataclass(frozen=True)
class SystemPart:
    """A requirement from the system's package manager."""

    name: str
    is_there: Callable[[], bool]
    package: str
    """Name of the Debian package. Of alternatives, separated by ``|``, the first one that apt knows is installed."""


def on_path(*programs: str) -> Callable[[], bool]:
    """Return a test whether any of the programs is installed."""
    return lambda: any(shutil.which(program, path=PATH) for program in programs)


def has_library(name: str) -> bool:
    """Whether the dynamic loader finds the shared library."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def has_java_compiler() -> bool:
    """Whether `java` is new enough for Kafka and can run a source file, for which a JRE needs the compiler module."""
    if shutil.which("java") is None:
        return False
    modules = subprocess.run(["java", "--list-modules"], capture_output=True, text=True, check=False).stdout.split()
    versions = [module.partition("@")[2] for module in modules if module.startswith("jdk.compiler@")]
    return any(int(version.split(".")[0]) >= JAVA_AT_LEAST for version in versions)


def has_faketime() -> bool:
    """Whether the library is installed that changes the clock of programs."""
    return any(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


def can_install_uv() -> bool:
    """Whether uv is installed, or this Python can install it. Debian's Python needs another package for that."""
    return any(importlib.util.find_spec(module) for module in ("ensurepip", "pip")) or find_uv() is not None


PYTHON_PARTS = [SystemPart("Python's venv", can_install_uv, f"python3.{sys.version_info.minor}-venv")]
RUN_PARTS = [
    SystemPart("nginx", on_path("nginx"), "nginx"),
    SystemPart("nginx's RTMP module", (NGINX_MODULES / "ngx_rtmp_module.so").exists, "libnginx-mod-rtmp"),
    SystemPart("nginx's Lua module", (NGINX_MODULES / "ngx_http_lua_module.so").exists, "libnginx-mod-http-lua"),
    SystemPart("nginx's stream module", (NGINX_MODULES / "ngx_stream_module.so").exists, "libnginx-mod-stream"),
    SystemPart("ffmpeg", on_path("ffmpeg"), "ffmpeg"),
]
TEST_PARTS = [
    SystemPart("libatomic, which Playwright's driver needs", partial(has_library, "libatomic.so.1"), "libatomic1"),
    SystemPart("Chromium", on_path("chromium", "google-chrome"), "chromium"),
    SystemPart("a JDK (17 or newer)", has_java_compiler, "openjdk-17-jdk-headless|default-jdk-headless"),
    SystemPart("Maven", on_path("mvn"), "maven"),
    SystemPart("Redis", on_path("redis-server"), "redis-server"),
    SystemPart("systemd, which checks its units", on_path("systemd-analyze"), "systemd"),
    SystemPart("Prometheus", on_path("prometheus"), "prometheus"),
    SystemPart("Caddy", on_path("caddy"), "caddy"),
    SystemPart("Alertmanager", on_path("amtool"), "prometheus-alertmanager"),
    SystemPart("libfaketime", has_faketime, "faketime"),
]
COMPOSE_PARTS = [
    SystemPart("Podman", on_path("podman"), "podman"),
    SystemPart("Buildah", on_path("buildah"), "buildah"),
    SystemPart("runc", on_path("runc"), "runc"),
    SystemPart("iptables", on_path("iptables"), "iptables"),
    SystemPart("Podman's networks", Path("/usr/lib/podman/netavark").exists, "netavark"),
    SystemPart("Podman's name server", Path("/usr/lib/podman/aardvark-dns").exists, "aardvark-dns"),
    SystemPart("an init for containers", on_path("catatonit"), "catatonit"),
    SystemPart("debootstrap", on_path("debootstrap"), "debootstrap"),
]
PARTS = {
    "run": PYTHON_PARTS + RUN_PARTS,
    "check": PYTHON_PARTS,
    "test": PYTHON_PARTS + RUN_PARTS + TEST_PARTS,
    "compose": PYTHON_PARTS + RUN_PARTS + TEST_PARTS + COMPOSE_PARTS,
}


def run(announcement: str, *command: str) -> None:
    """Run one step with its output in the log; raises ``MissingError`` with the last line of an error."""
    print(f"{announcement} ...", flush=True)
    TOOLS.mkdir(exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment["PATH"] = f"{VENV / 'bin'}:{environment.get('PATH', os.defpath)}"  # npm is a script of node's
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    LOG.write_text(f"$ {' '.join(command)}\n{done.stdout}", encoding="utf-8")
    if done.returncode != 0:
        complaints = [line for line in done.stdout.splitlines() if line.strip()] or ["it said nothing"]
        errors = [line for line in complaints if line.lstrip("[").lower().startswith(("e:", "error"))]
        message = f"{announcement} failed: {(errors or complaints)[-1].strip()} (all of it in {LOG.relative_to(ROOT)})"
        raise MissingError(message)


def install_system_parts(goal: str) -> None:
    """Install missing system packages with apt; raises ``MissingError`` if this is not possible."""
    missing = [part for part in PARTS[goal] if not part.is_there()]
    if not missing:
        return
    names = ", ".join(part.name for part in missing)
    packages = [part.package for part in missing]
    if shutil.which("apt-get") is None:
        message = f"missing: {names}. There is no apt-get here: install them with this system's own package manager."
        raise MissingError(message)
    run(f"Installing {names}", *as_root(names, packages), "scripts/apt_install.sh", *packages)
    if still_missing := [part for part in missing if not part.is_there()]:
        names = ", ".join(part.name for part in still_missing)
        message = f"missing: {names}. This system's packages do not bring it: install it by hand, then try again."
        raise MissingError(message)


def as_root(names: str, packages: list[str]) -> list[str]:
    """Return a prefix that runs a command as root without a prompt; raises ``MissingError`` if there is none."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    quoted = " ".join(f"'{package}'" if "|" in package else package for package in packages)
    message = f"missing: {names}. Installing needs root; run once: sudo scripts/apt_install.sh {quoted}"
    raise MissingError(message)


def find_uv() -> str | None:
    """Return the path of a working uv, from PATH or the project, or ``None``."""
    for candidate in (shutil.which("uv"), str(TOOLS / "uv/bin/uv")):
        if candidate and Path(candidate).exists():
            works = subprocess.run([candidate, "--version"], capture_output=True, check=False).returncode == 0
            if works:
                return candidate
    return None


def install_uv() -> str:
    """Return the path of uv, and install it into the project if there is none."""
    if found := find_uv():
        return found
    folder = TOOLS / "uv"
    shutil.rmtree(folder, ignore_errors=True)
    if importlib.util.find_spec("ensurepip"):
        run("Making a place for uv", sys.executable, "-m", "venv", str(folder))
        run("Installing uv", str(folder / "bin/python"), "-m", "pip", "install", "uv")
    else:
        run("Installing uv", sys.executable, "-m", "pip", "install", "--target", str(folder), "uv")
    return str(folder / "bin/uv")


def install_python_packages(goal: str) -> None:
    """Install the locked packages into .venv. `make run` needs no development tools, and keeps them if installed."""
    stamp, lock = VENV / ".installed", digest(LOCK)
    installed = stamp.read_text(encoding="utf-8") if stamp.exists() else ""
    everything, only_run = f"{lock} everything", f"{lock} run"
    if installed == everything or (goal == "run" and installed == only_run):
        return
    groups = ["--no-dev", "--inexact"] if goal == "run" else []
    run("Installing the Python packages", install_uv(), "sync", "--frozen", "--compile-bytecode", *groups)
    stamp.write_text(only_run if goal == "run" else everything, encoding="utf-8")


def install_npm_packages() -> None:
    """Install the locked node modules: type checker and linter of the TypeScript code."""
    stamp, lock = ROOT / "node_modules/.installed", ROOT / "package-lock.json"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest(lock):
        return
    npm = str(VENV / "bin/npm")
    run("Installing the npm packages of the checks", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    stamp.write_text(digest(lock), encoding="utf-8")


def install_jars(name: str) -> None:
    """Download the jars of a test server that its pom lists."""
    pom, folder = ROOT / f"deploy/test/{name}-pom.xml", TOOLS / "jars" / name
    stamp = folder / ".installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest(pom):
        return
    shutil.rmtree(folder, ignore_errors=True)
    options = ("-DincludeScope=runtime", f"-DoutputDirectory={folder}")
    run(f"Fetching the jars of the tests' {name} server", "mvn", "-B", "-q", "-f", str(pom), COPY_JARS, *options)
    stamp.write_text(digest(pom), encoding="utf-8")


def digest(file: Path) -> str:
    """Return a hash of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main(goal: str) -> int:
    """Install for one goal; on failure, return 1 and print one line on stderr."""
    try:
        install_system_parts(goal)
        install_python_packages(goal)
        if goal != "run":
            install_npm_packages()
        if goal in {"test", "compose"}:
            install_jars("kafka")
            install_jars("mongo")
    except MissingError as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in PARTS:  # noqa: PLR2004 - the program and its one argument
        sys.exit("usage: install.py run|check|test|compose")
    sys.exit(main(sys.argv[1]))
