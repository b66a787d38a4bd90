"""The OAuth client of sign-in providers: time limits, and one error for everything that a provider does wrong."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.deprecate import AuthlibDeprecationWarning
from joserfc.errors import JoseError

from streaming_app.backend.accounts.providers.ports import ProviderError
from streaming_app.backend.text_cleaning import visible_line

with warnings.catch_warnings():
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)  # authlib prefers httpx2, which the site does not use
    from authlib.integrations.httpx_client import AsyncOAuth2Client

DEADLINE_SECONDS = 10.0
"""Maximum time for all requests of one step of a sign-in."""
_REASON_MAX = 200


@cache
def _certificates() -> ssl.SSLContext:
    """Load the trusted certificates once, because loading them takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


def oauth_client(client_id: str, client_secret: str, redirect_uri: str, method: str, scope: str) -> Any:
    """Return an OAuth client for one sign-in. ``method`` is how it authenticates at the token endpoint."""
    return AsyncOAuth2Client(
        client_id,
        client_secret,
        token_endpoint_auth_method=method,
        scope=scope,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        verify=_certificates(),
        timeout=DEADLINE_SECONDS,
        trust_env=False,
    )


@asynccontextmanager
async def provider_errors() -> AsyncGenerator[None]:
    """Raise ``ProviderError`` if the block takes too long, or if a request or an answer in it is wrong."""
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            yield
    except (httpx.HTTPError, httpx.InvalidURL, AuthlibBaseError, JoseError, ValueError, TypeError, TimeoutError) as bad:
        raise ProviderError(_reason(bad)) from None


def _reason(failed: Exception) -> str:
    """Return a text for the log. Only these two libraries' errors have messages that never contain a token."""
    kind = type(failed).__name__
    if isinstance(failed, AuthlibBaseError | JoseError):
        return visible_line(f"{kind}: {failed}")[:_REASON_MAX]
    return kind
