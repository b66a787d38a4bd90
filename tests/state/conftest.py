"""The states of a tab on real services and a SQLite store, without a browser."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, URLData
from reflex.state import BaseState

from streaming_app.backend.accounts.cookies import SESSION_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.state import services
from tests.rig.password_hashing import with_quick_hashes

T = TypeVar("T", bound=BaseState)
PASSWORD = "correct horse"


class Tab:
    """One open page, with the cookies that its socket was opened with."""

    def __init__(self, address: str = "http://site.test/studio", token: str = "") -> None:
        self.root = rx.State()
        self.open(address, token)

    def open(self, address: str, token: str) -> None:
        """Load another page in the tab. The states stay, as in Reflex."""
        headers = {"cookie": f"theme=dark; {SESSION_COOKIE}={token}", "origin": "http://site.test"}
        self.root.rx_router_headers = HeaderData.from_router_data({"headers": headers})
        self.root.rx_router_url = URLData.from_url(ReflexURL(address))

    async def state(self, kind: type[T]) -> T:
        """Return this tab's state of one class."""
        return await self.root.get_state(kind)

    def shown(self) -> str:
        """Return everything that the browser receives about the states."""
        return str(self.root.dict())


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    settings = with_quick_hashes(Settings(data_dir=tmp_path / "data", supervise=frozenset()))
    async with open_backend(settings) as backend:
        with services.using(backend):
            yield backend


@pytest.fixture
def store_file(backend: Backend) -> Path:
    """Path of the open backend's database."""
    [file] = backend.settings.data_dir.glob("*.sqlite3")
    return file


@pytest.fixture
async def ana(backend: Backend) -> User:
    """A registered user with ``PASSWORD``."""
    return await backend.accounts.register(Registration("Ana", "ana@example.com", PASSWORD), "192.0.2.1")


@pytest.fixture
async def ana_token(backend: Backend, ana: User) -> str:
    """The cookie of one of Ana's sessions."""
    return (await backend.accounts.sessions.redeem(await backend.accounts.sessions.issue_ticket(ana))).token
