"""Documents of pages: required sessions, status codes and link previews."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from streaming_app.backend.accounts.cookies import SESSION_COOKIE, VIEWER_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.api import link_previews
from streaming_app.backend.api.app import create_api
from streaming_app.backend.api.early_playback import early_playback_script
from streaming_app.backend.api.html_middleware import PagePaths, html_middleware
from streaming_app.backend.api.script_preloads import ScriptPreloads
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.media.recordings.model import Recording
from streaming_app.backend.streams.model import Publisher
from tests.api.conftest import HOST, ORIGIN
from tests.rig.broken_store import without_table

PATHS = PagePaths(
    login="/login",
    register="/register",
    protected=("/studio", "/c/[slug]/moderation"),
    heads={
        "/c/[slug]": link_previews.channel_head,
        "/c/[slug]/r/[recording_id]": link_previews.recording_head,
        "/c/[slug]/chat": link_previews.chat_head,
        "/c/[slug]/overlay": link_previews.overlay_head,
        "/c/[slug]/moderation": link_previews.moderation_head,
    },
    moved={"/settings": "/settings/security"},
)
PAGE = "<!DOCTYPE html><html><head><meta charset='utf-8'/><title>any</title></head><body>the page</body></html>"
NASTY = """Ana's "best" </title><script>alert(1)</script> & more"""


class Head(HTMLParser):
    """The parts of a page's head that link previews read."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.title = ""
        self.metas: dict[str, str] = {}
        self.tags: list[str] = []
        self.scripts: list[str] = []
        """URLs of the scripts that the page preloads."""
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = {name: value or "" for name, value in attrs}
        if values.get("rel") == "modulepreload":
            self.scripts.append(values["href"])
        if tag == "meta" and "content" in values:
            self.metas[values.get("name") or values.get("property") or ""] = values["content"]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] == ["title"] and not self.title:
            self.title = data


def pages() -> Starlette:
    """Serve pages as Reflex does: folders of prerendered pages, one fallback page, and files."""

    async def prerendered(_: Request) -> Response:
        return HTMLResponse(PAGE)

    async def fallback(request: Request) -> Response:
        if "accept-encoding" in request.headers:
            return Response(b"\x1f\x8b", headers={"content-encoding": "gzip", "content-type": "text/html"})
        if "http.response.pathsend" in request.scope.get("extensions", {}):
            return HTMLResponse("")
        return HTMLResponse(PAGE, headers={"etag": '"1"', "last-modified": "Tue, 24 Nov 2026 00:00:00 GMT"})

    async def other(_: Request) -> Response:
        return PlainTextResponse("other")

    return Starlette(
        routes=[
            Route("/", prerendered),
            Route("/studio/", prerendered),
            Route("/login/", prerendered),
            Route("/register/", prerendered),
            Route("/c/{slug}", fallback),
            Route("/c/{slug}/chat", fallback),
            Route("/c/{slug}/overlay", fallback),
            Route("/c/{slug}/r/{recording_id}", fallback),
            Route("/c/{slug}/moderation", fallback),
            Route("/c/{slug}/moderation/", fallback),
            Route("/404", fallback),
            Route("/{path:path}", other, methods=["GET", "POST"]),
        ]
    )


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A folder of built pages, in the form that React Router and Vite give it."""
    routes = {
        "root": {"path": "", "module": "/assets/root-1.js", "imports": []},
        "recording": {"path": "c/:slug/r/:recording_id", "module": "/assets/recording-1.js", "imports": []},
        "watch": {"path": "c/:slug", "module": "/assets/watch-1.js", "imports": ["/assets/icons-1.js"]},
    }
    late = 'const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/player-1.js","assets/player-1.css"])))'
    files = {
        "manifest-1.js": f"window.__reactRouterManifest={json.dumps({'routes': routes})};",
        "root-1.js": "root",
        "recording-1.js": "recording",
        "watch-1.js": f"{late}=>i.map(i=>d[i]);import(`./player-1.js`)",
        "icons-1.js": "icons",
        "player-1.js": "player" * 100,
    }
    (tmp_path / "build/assets").mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / "build/assets" / name).write_text(text, encoding="utf-8")
    return tmp_path / "build"


@pytest.fixture
def site(api: FastAPI, build: Path) -> httpx.ASGITransport:
    documents = html_middleware(api, PATHS, ScriptPreloads(build))(pages())

    async def as_a_server_that_sends_files(scope: Scope, receive: Receive, send: Send) -> None:
        await documents({**scope, "extensions": {"http.response.pathsend": {}}}, receive, send)

    return httpx.ASGITransport(as_a_server_that_sends_files)


@pytest.fixture
async def visitor(site: httpx.ASGITransport) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session."""
    async with httpx.AsyncClient(transport=site, base_url=ORIGIN) as client:
        yield client


@pytest.fixture
async def as_ana(site: httpx.ASGITransport, backend: Backend, ana: User) -> AsyncIterator[httpx.AsyncClient]:
    """A browser with a session of Ana."""
    signed_in = await backend.accounts.sessions.redeem(await backend.accounts.sessions.issue_ticket(ana))
    async with httpx.AsyncClient(transport=site, base_url=ORIGIN, cookies={SESSION_COOKIE: signed_in.token}) as client:
        yield client


@pytest.mark.parametrize("path", ["/studio", "/studio/"])
async def test_a_protected_page_redirects_visitors_to_the_sign_in_page(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/studio"
    assert answer.headers["cache-control"] == "no-store"
    assert "the page" not in answer.text


@pytest.mark.parametrize("path", ["/settings", "/settings/"])
async def test_the_settings_open_their_first_page(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)

    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/security")


async def test_the_redirect_to_sign_in_keeps_the_path_and_query(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/studio?tab=key&x=1")

    assert answer.headers["location"] == "/login?next=/studio%3Ftab%3Dkey%26x%3D1"


async def test_an_invalid_session_cookie_is_removed_by_a_protected_page(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/studio", headers={"cookie": f"{SESSION_COOKIE}=forged"})

    assert answer.status_code == 303
    assert f'{SESSION_COOKIE}=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]


async def test_the_moderation_page_requires_a_session(
    visitor: httpx.AsyncClient, as_ana: httpx.AsyncClient, backend: Backend, ana: User
) -> None:
    await backend.channels.get_or_create(ana)

    gate, page = await visitor.get("/c/ana/moderation"), await as_ana.get("/c/ana/moderation/")

    assert (gate.status_code, gate.headers["location"]) == (303, "/login?next=/c/ana/moderation")
    assert page.status_code == 200
    assert Head(page.text).title == "Moderation · Ana · streaming_app"


async def test_the_moderation_page_of_an_unknown_channel_returns_404(as_ana: httpx.AsyncClient) -> None:
    assert (await as_ana.get("/c/nobody/moderation")).status_code == 404


@pytest.mark.parametrize("path", ["/studio", "/studio/"])
async def test_a_protected_page_is_served_to_signed_in_users_without_caching(
    as_ana: httpx.AsyncClient, path: str
) -> None:
    answer = await as_ana.get(path)

    assert answer.status_code == 200
    assert "the page" in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_a_protected_page_is_not_served_after_signing_out(as_ana: httpx.AsyncClient, backend: Backend) -> None:
    await backend.accounts.sessions.sign_out(as_ana.cookies[SESSION_COOKIE])

    assert (await as_ana.get("/studio")).status_code == 303


@pytest.mark.parametrize("path", ["/login", "/login/", "/register"])
async def test_the_account_forms_are_served_without_a_redirect(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)

    assert answer.status_code == 200
    assert "the page" in answer.text


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("", "/"),
        ("?next=/studio", "/studio"),
        ("?next=%2Fc%2Fana%3Ft%3D1", "/c/ana?t=1"),
        ("?next=//evil.test", "/"),
        ("?next=%2F%2Fevil.test", "/"),
        ("?next=/%5Cevil.test", "/"),
        ("?next=https://evil.test", "/"),
        ("?next=javascript:alert(1)", "/"),
        ("?next=/%09/evil.test", "/"),
        ("?next=/%0d%0aset-cookie:a=b", "/"),
        ("?next=&next=/studio", "/studio"),
    ],
)
async def test_a_signed_in_user_is_redirected_from_the_forms_but_never_to_another_site(
    as_ana: httpx.AsyncClient, query: str, location: str
) -> None:
    answer = await as_ana.get(f"/login{query}")

    assert answer.status_code == 303
    assert answer.headers["location"] == location


@pytest.mark.parametrize(
    "path",
    [
        "/c/nobody",
        "/c/%00",
        "/c/a%20b",
        "/c/<script>",
        "/c/nobody/chat",
        "/c/nobody/overlay",
        "/c/nobody/r/r-1",
        "/c/nobody/r/%00",
        "/c/a/r/<script>",
    ],
)
async def test_an_unknown_page_returns_404_with_a_page(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)

    assert answer.status_code == 404
    assert "the page" in answer.text
    assert Head(answer.text).metas["robots"] == "noindex"


async def test_a_channel_preview_has_title_description_and_image(
    visitor: httpx.AsyncClient, backend: Backend, ana: User
) -> None:
    channel = await backend.channels.get_or_create(ana)
    await backend.channels.set_title_and_category(ana.user_id, "Chess at night", "Chess")

    answer = await visitor.get("/c/Ana")

    head = Head(answer.text)
    assert answer.status_code == 200
    assert head.title == "Chess at night · Ana · streaming_app"
    assert head.metas["og:title"] == "Chess at night · Ana"
    assert head.metas["og:url"] == f"{ORIGIN}/c/ana"
    assert head.metas["og:image"] == f"{ORIGIN}/thumbnails/{channel.channel_id}.jpg"
    assert head.metas["twitter:card"] == "summary_large_image"
    assert "Offline right now" in head.metas["description"]
    assert "live-video" not in head.metas
    assert early_playback_script() not in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers


async def test_the_preview_of_a_live_channel_says_live(visitor: httpx.AsyncClient, backend: Backend, ana: User) -> None:
    channel = await backend.channels.get_or_create(ana)
    secret = (await backend.channels.stream_key(ana.user_id)).partition("?key=")[2]
    await backend.streams.start(channel.channel_id, secret, Publisher("1", "127.0.0.1", "OBS"))

    answer = await visitor.get("/c/ana")

    head = Head(answer.text)
    assert "Ana is live" in head.metas["og:description"]
    at = channel.channel_id
    assert head.metas["live-video"] == f"/hls/{at}/index.m3u8 /ll/{at}/index.m3u8"
    assert secret not in answer.text
    script = early_playback_script()
    assert answer.text.index('name="live-video"') < answer.text.index(script), "the script reads the paths"

    await backend.channels.set_latency(ana.user_id, "realtime")
    in_real_time = Head((await visitor.get("/c/ana")).text).metas["live-video"]
    assert in_real_time == f"/hls/{at}/index.m3u8 /ll/{at}/index.m3u8 /rt/{at}/source"


async def test_a_page_is_marked_as_signed_in_and_not_cached(
    visitor: httpx.AsyncClient, as_ana: httpx.AsyncClient, backend: Backend, ana: User
) -> None:
    await backend.channels.get_or_create(ana)
    page = {"accept": "text/html,*/*"}

    for path in ("/c/ana", "/studio", "/"):
        signed_in, signed_out = await as_ana.get(path, headers=page), await visitor.get(path, headers=page)

        assert "session" not in Head(signed_out.text).metas, path
        assert Head(signed_in.text).metas["session"] == "yes", path
        assert Head(signed_in.text).title, path
        assert signed_in.headers["cache-control"] in {"no-cache", "no-store"}
        assert "etag" not in signed_in.headers


async def test_a_file_is_the_same_with_and_without_a_session(as_ana: httpx.AsyncClient) -> None:
    answer = await as_ana.get("/picture.png", headers={"accept": "text/html,*/*"})

    assert answer.text == "other"


async def test_a_page_preloads_all_its_scripts_largest_first(
    visitor: httpx.AsyncClient, backend: Backend, ana: User
) -> None:
    await backend.channels.get_or_create(ana)

    watch = Head((await visitor.get("/c/ana")).text)
    nowhere = Head((await visitor.get("/c/nobody")).text)

    assert watch.scripts[0] == "/assets/player-1.js"
    assert set(watch.scripts) == {"/assets/player-1.js", "/assets/watch-1.js", "/assets/icons-1.js"}
    assert nowhere.scripts == []


async def test_a_title_is_escaped_in_the_page(visitor: httpx.AsyncClient, backend: Backend, ana: User) -> None:
    await backend.channels.get_or_create(ana)
    await backend.channels.set_title_and_category(ana.user_id, NASTY, '"><img src=x onerror=alert(1)>')

    answer = await visitor.get("/c/ana")

    head = Head(answer.text)
    assert head.title.startswith(NASTY)
    assert head.metas["og:title"] == f"{NASTY} · Ana"
    assert '"><img src=x onerror=alert(1)>' in head.metas["description"]
    assert "script" not in head.tags
    assert "img" not in head.tags
    assert head.tags.count("title") == 1


async def test_a_recording_preview_has_title_date_and_image(
    visitor: httpx.AsyncClient, backend: Backend, ana: User
) -> None:
    channel = await backend.channels.get_or_create(ana)
    start = datetime(2026, 11, 24, 12, tzinfo=UTC)
    await backend.store.recordings.add(Recording("r-1", channel.channel_id, NASTY, "", start, seconds=61.6))

    answer = await visitor.get("/c/ana/r/r-1")

    head = Head(answer.text)
    assert answer.status_code == 200
    assert head.metas["og:title"] == f"{NASTY} · Ana"
    assert head.metas["og:url"] == f"{ORIGIN}/c/ana/r/r-1"
    assert head.metas["og:image"] == f"{ORIGIN}/recordings/r-1/poster.jpg"
    assert "24 November 2026" in head.metas["description"]
    assert head.metas["video:duration"] == "62"
    assert "script" not in head.tags


async def test_the_chat_page_previews_as_part_of_its_channel(
    visitor: httpx.AsyncClient, backend: Backend, ana: User
) -> None:
    await backend.channels.get_or_create(ana)

    answer = await visitor.get("/c/Ana/chat")

    head = Head(answer.text)
    assert answer.status_code == 200
    assert head.title == "Ana's chat · streaming_app"
    assert head.metas["og:url"] == f"{ORIGIN}/c/ana"
    assert "robots" not in head.metas


async def test_an_overlay_is_not_indexed_by_search_engines(
    visitor: httpx.AsyncClient, backend: Backend, ana: User
) -> None:
    await backend.channels.get_or_create(ana)

    answer = await visitor.get("/c/ana/overlay")

    assert answer.status_code == 200
    assert Head(answer.text).title == "Ana's chat overlay · streaming_app"
    assert Head(answer.text).metas["robots"] == "noindex"


async def test_preview_urls_are_https_behind_tls(visitor: httpx.AsyncClient, backend: Backend, ana: User) -> None:
    await backend.channels.get_or_create(ana)

    answer = await visitor.get("/c/ana", headers={"x-forwarded-proto": "https"})

    assert Head(answer.text).metas["og:url"] == f"https://{HOST}/c/ana"


async def test_a_forged_host_header_is_not_used_in_the_preview(
    visitor: httpx.AsyncClient, backend: Backend, ana: User
) -> None:
    await backend.channels.get_or_create(ana)

    answer = await visitor.get("/c/ana", headers={"host": 'evil"><script>'})

    assert Head(answer.text).metas["og:url"] == "/c/ana"
    assert "script" not in Head(answer.text).tags


async def test_a_head_request_returns_the_length_without_the_body(
    visitor: httpx.AsyncClient, backend: Backend, ana: User
) -> None:
    await backend.channels.get_or_create(ana)

    answer = await visitor.head("/c/ana")

    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > len(PAGE)


@pytest.mark.parametrize(
    "path", ["/assets/app.js", "/c/ana/more", "/c/ana/r/r-1/more", "/cc", "/studio/more", "/loginx"]
)
async def test_other_paths_are_passed_on_unchanged(visitor: httpx.AsyncClient, path: str) -> None:
    assert (await visitor.get(path)).text == "other"


async def test_only_documents_require_a_session(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.post("/anything")).text == "other"


@pytest.mark.parametrize("path", ["/studio", "/login", "/c/ana"])
async def test_pages_return_503_with_retry_after_until_the_backend_is_open(build: Path, path: str) -> None:
    transport = httpx.ASGITransport(html_middleware(create_api(), PATHS, ScriptPreloads(build))(pages()))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        answer = await client.get(path)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("path", [f"/c/{'a' * 6000}", f"/{'a' * 256}", f"/c/{'%C3%A9' * 100}", f"/c/ann/{'x' * 300}"])
async def test_a_path_that_is_too_long_returns_404_with_a_page(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)

    assert answer.status_code == 404
    assert "the page" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/studio", "/login", "/c/ana"])
async def test_a_page_reports_a_store_outage_and_reloads_itself(
    as_ana: httpx.AsyncClient, backend: Backend, ana: User, store_file: Path, path: str
) -> None:
    await backend.channels.get_or_create(ana)

    with without_table(store_file), without_table(store_file, "sessions"), without_table(store_file, "channels"):
        answer = await as_ana.get(path)

    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert "having trouble" in answer.text
    assert "location.reload()" in answer.text
    assert (await as_ana.get(path)).status_code < 400


async def test_a_browser_gets_a_viewer_cookie_with_its_first_page_and_keeps_it(visitor: httpx.AsyncClient) -> None:
    first = await visitor.get("/login")
    second = await visitor.get("/login")

    assert VIEWER_COOKIE in first.cookies
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(first.headers["set-cookie"].split("; "))
    assert "set-cookie" not in second.headers


async def test_a_file_sets_no_viewer_cookie(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/other")

    assert "set-cookie" not in answer.headers


async def test_the_viewer_cookie_of_an_https_page_is_bound_to_the_host(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/login", headers={"x-forwarded-proto": "https"})

    assert answer.headers["set-cookie"].startswith(f"__Host-{VIEWER_COOKIE}=")
    assert "Secure" in answer.headers["set-cookie"].split("; ")
