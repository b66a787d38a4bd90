"""The development mailbox: what it shows, and to whom."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import AnyHttpUrl, SecretStr

from streaming_app.backend.accounts.mails import Mail
from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.development_mailbox import MAILS_MAX
from streaming_app.backend.api.app import create_api
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings

PAGE = "/dev/mailbox"
LOCAL = "http://localhost:8080"


@asynccontextmanager
async def client(api: FastAPI, peer: str = "127.0.0.1", url: str = LOCAL) -> AsyncGenerator[httpx.AsyncClient]:
    """A client at ``peer`` that asks for pages of ``url``."""
    transport = httpx.ASGITransport(api, client=(peer, 1234))
    async with httpx.AsyncClient(transport=transport, base_url=url) as client:
        yield client


async def test_the_page_shows_a_reset_link_that_was_not_sent(api: FastAPI, backend: Backend, ana: User) -> None:
    await backend.passwords.request_reset_link(ana.email, "192.0.2.1")
    await backend.mails.wait_until_sent()

    async with client(api) as browser:
        answer = await browser.get(PAGE)

    assert answer.status_code == 200
    assert "To ana@example.com" in answer.text
    assert '<a href="http://localhost:8080/reset-password#' in answer.text
    assert "srcdoc=" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_newest_mail_comes_first_and_the_oldest_are_forgotten(api: FastAPI, backend: Backend) -> None:
    assert backend.mailbox is not None
    for number in range(MAILS_MAX + 5):
        await backend.mailbox.send("ana@example.com", Mail(f"Mail {number}.", "text", "<p>html"))

    async with client(api) as browser:
        page = (await browser.get(PAGE)).text

    assert page.index(f"Mail {MAILS_MAX + 4}.") < page.index("Mail 5.")
    assert "Mail 4." not in page


async def test_a_mail_cannot_leave_its_frame(api: FastAPI, backend: Backend) -> None:
    assert backend.mailbox is not None
    await backend.mailbox.send('"><script>1</script>', Mail("<script>2</script>", "<script>3</script>", '"><script>4'))

    async with client(api) as browser:
        page = (await browser.get(PAGE)).text

    assert "<script" not in page


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-forwarded-for": "127.0.0.1", "x-forwarded-host": "localhost:8080"},
        {"x-forwarded-for": "::1"},
        {"host": "127.0.0.1:8080"},
        {"host": "[::1]:8080"},
    ],
)
async def test_browsers_on_this_machine_see_the_page(api: FastAPI, headers: dict[str, str]) -> None:
    async with client(api) as browser:
        assert (await browser.get(PAGE, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("203.0.113.5", {}),
        ("203.0.113.5", {"x-forwarded-for": "127.0.0.1"}),
        ("", {}),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.5"}),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1, 203.0.113.5"}),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.5, 127.0.0.1"}),
        ("127.0.0.1", {"x-forwarded-for": "unknown"}),
        ("127.0.0.1", {"forwarded": "for=203.0.113.5"}),
        ("127.0.0.1", {"host": "live.example.com"}),
        ("127.0.0.1", {"host": "localhost.example.com"}),
        ("127.0.0.1", {"host": "127.0.0.1.example.com"}),
        ("127.0.0.1", {"host": "localhost@live.example.com"}),
        ("127.0.0.1", {"host": "["}),
        ("127.0.0.1", {"x-forwarded-host": "live.example.com"}),
    ],
)
async def test_nobody_else_sees_the_page(api: FastAPI, peer: str, headers: dict[str, str]) -> None:
    async with client(api, peer) as browser:
        answer = await browser.get(PAGE, headers=headers)

    assert answer.status_code == 404
    assert "mailbox" not in answer.text


@pytest.mark.parametrize(
    "mail",
    [{}, {"smtp_url": SecretStr("smtp://127.0.0.1:1"), "mail_from": "site@example.com"}],
    ids=["without a mail server", "with a mail server"],
)
async def test_a_public_site_has_no_mailbox(tmp_path: Path, mail: dict[str, Any]) -> None:
    settings = Settings(data_dir=tmp_path, public_url=AnyHttpUrl(LOCAL), supervise=frozenset(), **mail)
    async with open_backend(settings) as backend:
        api = create_api()
        api.state.backend = backend
        async with client(api) as browser:
            assert (await browser.get(PAGE)).status_code == 404
        assert backend.mails.is_available == backend.mails.reach_users == bool(mail)


async def test_the_log_says_once_where_the_mails_are(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    assert backend.mailbox is not None
    for _ in range(2):
        await backend.mailbox.send("ana@example.com", Mail("A mail", "text", "html"))

    assert caplog.text.count("http://localhost:8080/dev/mailbox") == 1
    assert "ana@example.com" not in caplog.text
