"""The environment of programs that need no secrets, such as ffmpeg: what they look at, and nothing else."""

import os

NAMES = {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH"}
PREFIX = "LC_"


def plain_environment() -> dict[str, str]:
    """A copy of this process's environment without any setting of the site."""
    everything = os.environ  # noqa: TID251 - to leave most of it out
    return {name: value for name, value in everything.items() if name in NAMES or name.startswith(PREFIX)}
