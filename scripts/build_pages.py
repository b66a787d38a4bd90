"""Build the pages if their sources have changed: `build_pages.py`, within .venv.

A stamp in the build folder contains hashes of all sources and of the build's files. The pages are also built again if
another program has changed the build, or if a build was interrupted.
"""

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / os.environ.get("REFLEX_WEB_WORKDIR", ".web")
STAMP = BUILD / ".made-of"
SOURCES = ("streaming_app", "assets", "rxconfig.py", "reflex.lock", "uv.lock")
"""The whole package is a source, because pages contain the initial values of states."""
NOT_SOURCES = ("__pycache__", "assets/external")
"""Files in the source folders that running the site creates."""
NOT_BUILT = ("node_modules",)

NPM_SETTINGS = {"npm_config_omit_lockfile_registry_resolved": "true"}
"""Without it, npm adds addresses to ``reflex.lock/package-lock.json``."""
OWN_ORIGIN = "own-origin.invalid"
"""Placeholder for the server's host in the built pages, which ``use_own_origin`` replaces."""
_ADDRESS = re.compile(rf"""(["'`])(?P<scheme>ws|http)://{re.escape(OWN_ORIGIN)}(?P<path>[\w/-]*)\1""")
_REWRITTEN_HOSTS = re.compile(r"""\[(["'`])localhost\1,\s*\1[^\]]*0:0:0:0:0:0:0:0\1\]""")
"""The host names in Reflex's ``state.js`` for which it replaces the host, and drops the port under https."""


def made_of() -> str:
    """Return a hash of all sources of the pages. Settings are not part of the pages."""
    digest = hashlib.sha256()
    for file in files(ROOT, SOURCES, NOT_SOURCES):
        digest.update(f"{file.relative_to(ROOT)} {file.stat().st_size}\n".encode())
        digest.update(file.read_bytes())
    packages = sorted(f"{package.name} {package.version}" for package in distributions())
    reflex = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith(("REFLEX_", "VITE_")))
    for fact in (sys.version, *packages, *reflex):
        digest.update(f"{fact}\n".encode())
    return digest.hexdigest()


def built() -> str:
    """Return a hash of names, sizes and times of the build's files; empty if there is no build."""
    if not (BUILD / "build/client").is_dir():
        return ""
    digest = hashlib.sha256()
    for file in files(BUILD, (".",), NOT_BUILT):
        if file != STAMP:
            facts = file.lstat()
            digest.update(f"{file.relative_to(BUILD)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def files(root: Path, parts: Iterable[str], left_out: tuple[str, ...]) -> list[Path]:
    """Return the sorted files of the ``parts`` of ``root``, except those in folders that are ``left_out``."""
    found: list[Path] = []
    for part in parts:
        if (root / part).is_file():
            found.append(root / part)
        for folder, folders, names in os.walk(root / part):
            inside = Path(folder).relative_to(root)
            folders[:] = [name for name in folders if name not in left_out and str(inside / name) not in left_out]
            found += [root / inside / name for name in names]
    return sorted(found)


def use_own_origin(client: Path) -> None:
    """Make the pages connect to the origin from which they were loaded.

    Reflex writes one address into the pages. At run time it replaces only the host ``localhost`` by the page's own.
    """
    found = {"addresses": 0, "host names": 0}
    for script in sorted(client.glob("assets/*.js")):
        text = script.read_text(encoding="utf-8")
        text, addresses = _ADDRESS.subn(_own_address, text)
        text, hosts = _REWRITTEN_HOSTS.subn("[]", text)
        found["addresses"] += addresses
        found["host names"] += hosts
        if addresses or hosts:
            script.write_text(text, encoding="utf-8")
            packed = script.with_name(f"{script.name}.gz")
            if packed.exists():
                packed.write_bytes(gzip.compress(text.encode(), mtime=0))
    if not all(found.values()):
        message = f"Reflex's pages look different from those that this script knows: {found}"
        raise SystemExit(message)


def _own_address(match: re.Match[str]) -> str:
    origin = "location.origin" if match["scheme"] == "http" else 'location.origin.replace("http","ws")'
    return f"`${{{origin}}}{match['path']}`"


def restore_format(before: dict[Path, bytes]) -> None:
    """Restore files of ``reflex.lock`` whose format alone has changed: Reflex and npm write the same JSON differently.

    Otherwise a build would change its own sources, and `git pull` would refuse new versions of them.
    """
    for file, content in before.items():
        now = file.read_bytes()
        if now != content and json.loads(now) == json.loads(content):
            copy = file.with_suffix(".restored")
            copy.write_bytes(content)
            copy.replace(file)


def main() -> int:
    """Build if necessary, and return the exit code of `reflex export`."""
    wanted = made_of()
    if STAMP.is_file() and built() and STAMP.read_text(encoding="utf-8") == f"{wanted} {built()}":
        print("The pages are built already.", flush=True)
        return 0
    print("Building the pages ...", flush=True)
    STAMP.unlink(missing_ok=True)
    export = ("reflex", "export", "--frontend-only", "--no-zip", "--loglevel", "warning")
    environment = {**os.environ, **NPM_SETTINGS, "REFLEX_API_URL": f"http://{OWN_ORIGIN}"}
    lock_files = {file: file.read_bytes() for file in (ROOT / "reflex.lock").glob("*.json")}
    code = subprocess.run(export, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment, check=False).returncode
    restore_format(lock_files)
    if code == 0:
        use_own_origin(BUILD / "build/client")
        STAMP.write_text(f"{wanted} {built()}", encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
