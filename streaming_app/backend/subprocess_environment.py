"""Environments of the programs that a process starts: a minimal one without secrets, and its own."""

import os

NAMES = {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH"}
PREFIX = "LC_"


def plain_environment() -> dict[str, str]:
    """Return the variables of this process's environment that any program may need, and no settings of the site."""
    everything = os.environ  # noqa: TID251 - to leave most of it out
    return {name: value for name, value in everything.items() if name in NAMES or name.startswith(PREFIX)}


def own_environment() -> dict[str, str]:
    """Return all variables of this process's environment, for programs of the site that may see its secrets."""
    return dict(os.environ)  # noqa: TID251 - passed on to another process
