"""Checks what this machine must have: programs, an ordinary user, open files."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence

from streaming_app.backend.adapters.nginx_conf import HOW_TO_INSTALL, find_nginx
from streaming_app.backend.adapters.nginx_limits import shortage_of_open_files, wanted_viewers
from streaming_app.backend.config import Settings
from streaming_app.backend.doctor.checkup import in_thread
from streaming_app.backend.doctor.findings import Finding, ok, warning, wrong
from streaming_app.backend.doctor.running_site import RunningSite
from streaming_app.backend.errors import SetupError

ENCODERS = ("libx264", "aac")


async def check_nginx() -> Sequence[Finding]:
    """Check that nginx and its modules are installed."""
    try:
        nginx = await in_thread(find_nginx)
    except SetupError as missing:
        return wrong("nginx", str(missing).removesuffix(HOW_TO_INSTALL).strip(), f"{HOW_TO_INSTALL}.")
    version = ".".join(map(str, nginx.version))
    return ok("nginx", f"nginx {version} with its RTMP, stream and Lua modules is installed.")


async def check_ffmpeg(timeout_seconds: float) -> Sequence[Finding]:
    """Check that ffmpeg is installed and can encode."""
    path = shutil.which("ffmpeg")
    install = "Install it with: sudo apt-get install ffmpeg."
    if path is None:
        return wrong("ffmpeg", "ffmpeg is not installed, or not on the PATH.", install)
    try:
        encoders = await in_thread(lambda: _encoders(path, timeout_seconds))
    except (OSError, subprocess.SubprocessError):
        return wrong("ffmpeg", f"{path} does not run.", install)
    missing = [name for name in ENCODERS if name not in encoders]
    if missing:
        return wrong("ffmpeg", f"{path} lacks the encoder {' and '.join(missing)}.", install)
    return ok("ffmpeg", f"ffmpeg with {' and '.join(ENCODERS)} is installed.")


def _encoders(path: str, timeout_seconds: float) -> set[str]:
    command = [path, "-hide_banner", "-loglevel", "error", "-encoders"]
    answer = subprocess.run(  # noqa: S603 - found on the PATH
        command, capture_output=True, text=True, check=True, timeout=timeout_seconds, stdin=subprocess.DEVNULL
    )
    return set(re.findall(r"^ [A-Z.]{6} (\S+)", answer.stdout, re.MULTILINE))


async def check_user(site: RunningSite) -> Sequence[Finding]:
    """Check that neither the site nor this command runs as root."""
    use_another = "Run it as a user of its own, as docs/operating.md describes."
    if site.user == 0:
        return warning(
            "user", "The site runs as root, and so do the programs that decode untrusted video.", use_another
        )
    if site.user is None and os.geteuid() == 0:
        return warning(
            "user", "This command runs as root. If the site does too, root decodes untrusted video.", use_another
        )
    if site.user is not None and site.user != os.geteuid():
        return warning(
            "user",
            "This command runs as another user than the site, so its results may differ from what the site sees.",
            "Run the command as the user of the site.",
        )
    return ok("user", "The user is not root.")


async def check_open_files(settings: Settings) -> Sequence[Finding]:
    """Check that a process may open as many files as the wanted number of viewers needs."""
    shortage = shortage_of_open_files(settings)
    if shortage:
        return warning(
            "open files", f"{shortage}.", "Raise the limit (LimitNOFILE in systemd), or lower FEED_MAX_CONNECTIONS."
        )
    return ok("open files", f"There are enough open files for {wanted_viewers(settings)} viewers.")
