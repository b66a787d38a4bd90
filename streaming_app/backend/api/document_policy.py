"""ASGI middleware around Reflex's app that adds the Content-Security-Policy to documents."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from streaming_app.backend.api.document_responses import buffered_response
from streaming_app.backend.api.early_playback import EARLY_PLAYBACK
from streaming_app.backend.content_security_policy import page_policy

_DOCUMENTS = {"", ".html"}
"""File name extensions in the paths of documents. Other files may be large, and are passed on."""


def document_policy(framable: re.Pattern[str], widget_origins: tuple[str, ...] = ()) -> Callable[[ASGIApp], ASGIApp]:
    """Return a function that wraps an app, for ``api_transformer`` of ``rx.App``.

    Other sites may show documents in a frame if the path matches ``framable``. Pages may load ``widget_origins``.
    """

    def wrap(app: ASGIApp) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if not _asks_for_document(scope):
                await app(scope, receive, send)
                return
            start, body = await buffered_response(app, scope, receive)
            headers = MutableHeaders(raw=start["headers"])
            if headers.get("content-type", "").startswith("text/html"):
                is_framable = framable.fullmatch(scope["path"].rstrip("/")) is not None
                headers["content-security-policy"] = page_policy(
                    body, EARLY_PLAYBACK, is_framable=is_framable, widget_origins=widget_origins
                )
            await send({**start, "headers": headers.raw})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

        return serve

    return wrap


def _asks_for_document(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] in {"GET", "HEAD"}
        and PurePosixPath(scope["path"]).suffix in _DOCUMENTS
    )
