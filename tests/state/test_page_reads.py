"""Reads of the store when a signed-in viewer opens a channel's page: by document, states and feed."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import reflex as rx
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from streaming_app import streaming_app as site
from streaming_app.backend import bootstrap
from streaming_app.backend.accounts.cookies import SESSION_COOKIE
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.api.app import create_api
from streaming_app.backend.api.html_middleware import html_middleware
from streaming_app.backend.api.script_preloads import ScriptPreloads
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.feed.limits import Intervals
from streaming_app.backend.feed.server import open_feed
from streaming_app.backend.streams.model import Publisher
from streaming_app.state import services
from streaming_app.state.chat import ChatState
from streaming_app.state.follow import FollowState
from streaming_app.state.tab_sessions import TabSessions
from streaming_app.state.watch import WatchState
from tests.rig.faults import Faults
from tests.rig.feed_client import connected
from tests.rig.password_hashing import with_quick_hashes
from tests.rig.ports import free_port
from tests.state.conftest import PASSWORD, Tab

READS_MAX = 12
HOST = "site.test"
PATH = "/c/ana"
NEVER = Intervals(refresh=3600, recount=3600)
LIVE_LIST = {"all_open", "get_many"}
"""Reads of the feed at its start, without viewers."""


@dataclass
class Page:
    """A site with a live channel, and another signed-in user who opens its page."""

    backend: Backend
    channel_id: str
    token: str
    calls: list[str]

    @property
    def reads(self) -> list[str]:
        """Names of the methods of the store that were called because of the page."""
        return [call for call in self.calls if call not in LIVE_LIST]

    async def load_document(self) -> None:
        async def document(_: object) -> HTMLResponse:
            return HTMLResponse("<!DOCTYPE html><html><head></head><body></body></html>")

        api = create_api()
        api.state.backend = self.backend
        pages = Starlette(routes=[Route("/{path:path}", document)])
        app = html_middleware(api, site.PAGE_PATHS, ScriptPreloads(Path("none")))(pages)
        async with self._client(app) as client:
            assert (await client.get(PATH)).status_code == 200

    async def open_states(self) -> None:
        """Send the events of the page's websocket and of its components."""
        tab = Tab(f"http://{HOST}{PATH}", self.token)
        hydrate = rx.event.Event(name="state.hydrate", payload={})
        await TabSessions(site.app).preprocess(site.app, tab.root, hydrate)
        watch = await tab.state(WatchState)
        await WatchState.open.fn(watch)
        follow = await tab.state(FollowState)
        await FollowState.open.fn(follow)
        chat = await tab.state(ChatState)
        await ChatState.open.fn(chat, self.channel_id)
        assert (watch.channel.state, follow.username, chat.role) == ("live", "Ben", "viewer")

    async def join_feed(self) -> None:
        cookie = {"Cookie": f"{SESSION_COOKIE}={self.token}"}
        async with connected(self.backend.settings.feed_port, f"/feed/{self.channel_id}", cookie) as client:
            assert client.welcome["type"] == "welcome"

    async def load_emotes(self) -> None:
        api = create_api()
        api.state.backend = self.backend
        async with self._client(api) as client:
            assert (await client.get(f"/api/channels/{self.channel_id}/emotes")).json() == {"emotes": []}

    def _client(self, app: Any) -> httpx.AsyncClient:
        cookies = {SESSION_COOKIE: self.token}
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{HOST}", cookies=cookies)


@pytest.fixture
async def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Page]:
    faults = Faults()
    monkeypatch.setattr(bootstrap, "open_store", _counting(bootstrap.open_store, faults))
    settings = with_quick_hashes(Settings(data_dir=tmp_path / "data", supervise=frozenset(), feed_port=free_port()))
    async with open_backend(settings) as backend:
        ana = await backend.accounts.register(Registration("Ana", "ana@example.com", PASSWORD), "192.0.2.1")
        ben = await backend.accounts.register(Registration("Ben", "ben@example.com", PASSWORD), "192.0.2.1")
        channel = await backend.channels.get_or_create(ana)
        key = await backend.channels.stream_key(ana.user_id)
        await backend.streams.start(channel.channel_id, key.partition("?key=")[2], Publisher("1", "", ""))
        token = (await backend.accounts.sessions.redeem(await backend.accounts.sessions.issue_ticket(ben))).token
    # another process, without earlier events
    async with open_backend(settings) as backend, open_feed(backend, NEVER):
        with services.using(backend):
            faults.calls.clear()
            yield Page(backend, channel.channel_id, token, faults.calls)


def _counting(
    real: Callable[[Settings], AbstractAsyncContextManager[Any]], faults: Faults
) -> Callable[[Settings], AbstractAsyncContextManager[Any]]:
    @asynccontextmanager
    async def open_store(settings: Settings) -> AsyncGenerator[Any]:
        async with real(settings) as store:
            yield faults.around(store)

    return open_store


async def test_opening_a_channel_signed_in_reads_the_store_twelve_times_at_most(page: Page) -> None:
    await page.load_document()
    await page.open_states()
    await page.join_feed()
    await page.load_emotes()

    assert len(page.reads) <= READS_MAX, page.reads


async def test_each_event_verifies_the_session_once(page: Page) -> None:
    await page.open_states()

    assert page.reads.count("get_with_user") == 2  # the hydrate event, and the chat's own event
