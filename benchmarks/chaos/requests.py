"""Requests that are sent again until the site answers them."""

import asyncio
import random
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

ANSWER_SECONDS = 10.0
PAUSE_SECONDS = 0.5
"""Longest pause before a request is sent again."""
FAILURES = (httpx.HTTPError, AttributeError)
"""What a request without an answer raises. httpcore raises the latter if a connection ends just after it was opened."""
TRY_AGAIN = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""The site has no TLS here. Loading the certificates of the system for each client would take seconds."""


def open_client(base_url: str) -> httpx.AsyncClient:
    """Return a client. Each task needs one of its own, because requests of others in the same pool delay its own."""
    return httpx.AsyncClient(
        base_url=base_url, timeout=ANSWER_SECONDS, trust_env=False, headers={"Origin": base_url}, verify=NO_CERTIFICATES
    )


async def answer_to(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Send a request until the site accepts or refuses it, and return the answer."""
    while True:
        try:
            answer = await client.request(method, path, json=body, headers=headers)
        except FAILURES:
            pass
        else:
            if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status_code not in TRY_AGAIN:
                return answer
        await asyncio.sleep(random.uniform(PAUSE_SECONDS / 2, PAUSE_SECONDS))  # noqa: S311 - spreads retries
