"""ASGI middleware for HTML documents: access control, 404 for unknown channels, and metadata for link previews."""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, quote

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from streaming_app.backend.accounts.cookies import session_token_in
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.same_origin import safe_path
from streaming_app.backend.accounts.staff import is_staff
from streaming_app.backend.api.deps import backend_of
from streaming_app.backend.api.document_responses import PageResponse, document, served_from, with_head_and_status
from streaming_app.backend.api.errors import RETRY_SECONDS, NotOpenError
from streaming_app.backend.api.link_previews import NOT_FOUND_HEAD, SIGNED_IN_HEAD, PageHead, base_url
from streaming_app.backend.api.script_preloads import ScriptPreloads
from streaming_app.backend.api.session_cookie import drop_session_cookie
from streaming_app.backend.api.viewer_cookie import with_viewer_cookie
from streaming_app.backend.errors import LeavingError, NotFoundError, NotSignedInError, StoreUnavailableError
from streaming_app.backend.notice_pages import TROUBLE, render_notice

NEXT = "next"
NOT_FOUND_PATH = "/404"
SEGMENT_MAX = 255
"""Maximum number of bytes between two slashes. Documents are files, and no file has a longer name."""


@dataclass(frozen=True, slots=True)
class PagePaths:
    """The paths of pages that this module handles, as Reflex writes them: ``/c/[slug]``, without a trailing slash."""

    login: str
    register: str
    protected: Collection[str]
    """Paths of the pages that require a session."""
    heads: Mapping[str, PageHead]
    """The functions that return the heads of pages with metadata of their own, by path."""
    staff: Collection[str] = ()
    """Paths of the pages that do not exist for others than the staff."""
    moved: Mapping[str, str] = field(default_factory=dict[str, str])
    """Paths that redirect to another one."""


def html_middleware(api: FastAPI, paths: PagePaths, scripts: ScriptPreloads) -> Callable[[ASGIApp], ASGIApp]:
    """Return a function that wraps an app in ``HtmlMiddleware``, for ``api_transformer`` of ``rx.App``."""
    return lambda app: HtmlMiddleware(app, api, paths, scripts)


class HtmlMiddleware:
    """ASGI middleware around the app that serves documents."""

    def __init__(self, app: ASGIApp, api: FastAPI, paths: PagePaths, scripts: ScriptPreloads) -> None:
        self._app = app
        self._api = api
        self._paths = paths
        self._scripts = scripts
        handled = {paths.login, paths.register, *paths.protected, *paths.staff, *paths.heads}
        self._patterns = {path: path_pattern(path) for path in handled}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer requests for page documents, and pass on all other requests."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        send = with_viewer_cookie(scope, send)
        try:
            page = await self._page(scope)
        except NotOpenError:
            page = PageResponse(PlainTextResponse("The site is starting.", 503, {"retry-after": str(RETRY_SECONDS)}))
        except StoreUnavailableError:
            page = PageResponse(_store_outage_page())
        if _is_page_of_a_session(scope):
            page = replace(page, head=page.head + SIGNED_IN_HEAD)
        app = with_head_and_status(page) if page.head else page.app
        await app(scope, receive, send)

    async def _page(self, scope: Scope) -> PageResponse:
        path = scope["path"].rstrip("/")
        if any(len(quote(segment)) > SEGMENT_MAX for segment in path.split("/")):
            return PageResponse(served_from(self._app, NOT_FOUND_PATH), NOT_FOUND_HEAD, status=404)
        if path in self._paths.moved:
            return PageResponse(_redirect(Request(scope), self._paths.moved[path], drop_cookie=False))
        for route, pattern in self._patterns.items():
            if parameters := pattern.fullmatch(path):
                return await self._handled_page(route, parameters.groupdict(), Request(scope))
        return PageResponse(self._app)

    async def _handled_page(self, route: str, parameters: Mapping[str, str], request: Request) -> PageResponse:
        if route in {self._paths.login, self._paths.register}:
            return PageResponse(await self._sign_in_page(request))
        if route in self._paths.staff and not await self._is_staff(request):
            return PageResponse(served_from(self._app, NOT_FOUND_PATH), NOT_FOUND_HEAD, status=404)
        if route in self._paths.protected and not await self._is_signed_in(request):
            return PageResponse(self._redirect_to_sign_in(request))
        if route not in self._paths.heads:
            return PageResponse(document(self._app))
        backend = backend_of(self._api)
        head = self._paths.heads[route](backend, parameters, base_url(request, backend.settings.public_url))
        return await self._page_with_head(request.scope["path"].rstrip("/"), head)

    def _redirect_to_sign_in(self, request: Request) -> Response:
        back = request.url.path.rstrip("/") + (f"?{request.url.query}" if request.url.query else "")
        return _redirect(request, f"{self._paths.login}?{NEXT}={quote(back, safe='/')}", drop_cookie=True)

    async def _sign_in_page(self, request: Request) -> ASGIApp:
        if not await self._is_signed_in(request):
            return document(self._app)
        wanted = parse_qs(request.url.query).get(NEXT, [""])[0]
        return _redirect(request, safe_path(wanted), drop_cookie=False)

    async def _page_with_head(self, path: str, head: Awaitable[str]) -> PageResponse:
        """Return the document with this head, or the 404 document if ``head`` raises ``NotFoundError``."""
        try:
            return PageResponse(self._app, await head, self._scripts.links(path))
        except NotFoundError:
            return PageResponse(self._app, NOT_FOUND_HEAD, status=404)

    async def _is_signed_in(self, request: Request) -> bool:
        try:
            await self._user(request)
        except LeavingError:  # the page shows a way to keep the account
            return True
        except NotSignedInError:
            return False
        return True

    async def _is_staff(self, request: Request) -> bool:
        try:
            return is_staff(await self._user(request))
        except NotSignedInError:
            return False

    async def _user(self, request: Request) -> User:
        return await backend_of(self._api).accounts.sessions.verify(session_token_in(request.headers.get("cookie", "")))


def path_pattern(path: str) -> re.Pattern[str]:
    """Return the regular expression of a path in Reflex's form, with a group for each parameter."""
    return re.compile(re.sub(r"\\\[(\w+)\\\]", r"(?P<\1>[^/]*)", re.escape(path)))


def _is_page_of_a_session(scope: Scope) -> bool:
    """Whether a browser with a session cookie asks for a page. The session itself is verified later, by the page."""
    headers = Request(scope).headers
    return "text/html" in headers.get("accept", "") and session_token_in(headers.get("cookie", "")) != ""


def _redirect(request: Request, path: str, *, drop_cookie: bool) -> Response:
    response = RedirectResponse(path, 303, {"cache-control": "no-store"})
    if drop_cookie and session_token_in(request.headers.get("cookie", "")):
        drop_session_cookie(request, response)
    return response


def _store_outage_page() -> Response:
    page = render_notice(TROUBLE)
    headers = {"retry-after": str(RETRY_SECONDS), "cache-control": "no-store", "content-security-policy": page.policy}
    return HTMLResponse(page.html, 503, headers)
