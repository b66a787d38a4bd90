"""A site with providers, and a browser that signs in with them. The providers are real servers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from streaming_app.backend.accounts.cookies import PENDING_IDENTITY_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.providers.model import Identity
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.config import Settings
from streaming_app.backend.setting_types import OidcClient
from tests.api.conftest import ORIGIN, Browser
from tests.rig.ports import HOST as LOCALHOST
from tests.rig.ports import free_port
from tests.rig.scripted_oidc import CLIENT_ID, CLIENT_SECRET, ScriptedOidc, scripted_oidc
from tests.rig.serving import serving
from tests.rig.vk_server import CLIENT_ID as VK_CLIENT_ID
from tests.rig.vk_server import VkServer


@pytest.fixture
async def oidc() -> AsyncIterator[ScriptedOidc]:
    async with scripted_oidc() as provider:
        yield provider


@pytest.fixture
async def vk() -> AsyncIterator[VkServer]:
    server = VkServer()
    async with serving(server.app, server.port):
        yield server


@pytest.fixture
def absent_port() -> int:
    """A port on which nothing listens, the port of the provider ``absent``."""
    return free_port()


@pytest.fixture
def settings(tmp_path: Path, oidc: ScriptedOidc, vk: VkServer, absent_port: int) -> Settings:
    def client(provider_id: str, issuer: str) -> OidcClient:
        return OidcClient(
            id=provider_id,
            name=provider_id.title(),
            issuer=issuer,
            client_id=CLIENT_ID,
            client_secret=SecretStr(CLIENT_SECRET),
        )

    return Settings.model_validate(
        {
            "data_dir": tmp_path / "data",
            "supervise": frozenset[str](),
            "public_url": ORIGIN,
            "oidc_providers": (client("work", oidc.issuer), client("absent", f"http://{LOCALHOST}:{absent_port}")),
            "vk_client_id": VK_CLIENT_ID,
            "vk_id_url": vk.url,
        }
    )


@dataclass
class Result:
    """Where a sign-in ended."""

    path: str
    query: dict[str, str]

    @property
    def problem(self) -> str:
        """Return the problem that the page explains."""
        return self.query.get("problem", "")


def result_of(answer: httpx.Response) -> Result:
    assert answer.status_code == 303, answer.text
    url = urlsplit(answer.headers["location"])
    assert not url.netloc
    return Result(url.path, {name: values[0] for name, values in parse_qs(url.query).items()})


async def start(browser: Browser, provider: str = "work", **query: str) -> str:
    """Start a sign-in, and return the URL of the provider's page."""
    answer = await browser.client.get(f"/api/auth/providers/{provider}/start", params=query)
    assert answer.status_code == 303
    return answer.headers["location"]


async def come_back(browser: Browser, query: dict[str, str], provider: str = "work") -> Result:
    return result_of(await browser.client.get(f"/api/auth/providers/{provider}/callback", params=query))


async def sign_in(browser: Browser, oidc: ScriptedOidc, **query: str) -> Result:
    return await come_back(browser, oidc.answer(await start(browser, **query)))


async def signed_in_as(browser: Browser) -> str:
    answer = await browser.client.get("/api/users/me")
    return answer.json()["username"] if answer.status_code == 200 else ""


def pending_secret(browser: Browser) -> str:
    return browser.client.cookies.get(PENDING_IDENTITY_COOKIE) or ""


@pytest.fixture
async def linked(backend: Backend, ana: User) -> User:
    """Ana, who has linked her account at the provider ``work``."""
    await backend.store.identities.add(Identity("work", "user-1", ana.user_id, "ana@example.com", datetime.now(UTC)))
    return ana


@pytest.fixture
async def other_browser(api: FastAPI, backend: Backend) -> AsyncIterator[Browser]:
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN}) as client:
        yield Browser(client, backend)
