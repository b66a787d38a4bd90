"""A real OpenID Connect provider, oidc-provider-mock, in a process of its own."""

import json
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.rig.ports import HOST, free_port, is_open
from tests.rig.processes import Process

_INSECURE = {"AUTHLIB_INSECURE_TRANSPORT": "1"}
"""Lets the provider work without TLS."""


@contextmanager
def running_oidc_provider(folder: Path, *users: Mapping[str, object]) -> Generator[str]:
    """Run a provider with these users, each with their claims, and return its issuer."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "oidc_provider_mock",
        "--host",
        HOST,
        "--port",
        str(port),
        "--require-nonce",
        "true",
    ]
    for claims in users:
        command += ["--user-claims", json.dumps(claims)]
    process = Process("oidc-provider", command, folder / "oidc-provider.log", environment=_INSECURE)
    try:
        process.wait_until(lambda: is_open(port), "the provider listened")
        yield f"http://{HOST}:{port}"
    finally:
        process.stop()
