"""The download of everything that belongs to an account."""

import io
import json
import sqlite3
import zipfile
from contextlib import closing

import httpx
import pytest

from streaming_app.backend.account_data.exported_files import exported_files
from streaming_app.backend.accounts.audit_log import AuditAction
from streaming_app.backend.api.account_export import EXPORT_PATH
from streaming_app.backend.bootstrap import Backend
from tests.api.conftest import Browser
from tests.rig.full_account import TEXT, FullAccount, fill_account


@pytest.fixture
async def account(backend: Backend) -> FullAccount:
    return await fill_account(backend.store)


async def download(browser: Browser, **headers: str) -> httpx.Response:
    return await browser.client.get(EXPORT_PATH, headers=headers)


async def sign_in(browser: Browser, account: FullAccount, backend: Backend) -> None:
    await backend.store.authenticator_apps.remove(account.ann.user_id)
    assert (await browser.sign_in(account.ann)).status_code == 201


async def test_the_download_is_a_zip_with_every_file_of_the_registry(
    browser: Browser, account: FullAccount, backend: Backend
) -> None:
    await sign_in(browser, account, backend)

    answer = await download(browser)

    assert answer.headers["content-disposition"] == 'attachment; filename="account.zip"'
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert set(archive.namelist()) == exported_files() | {"emotes/Hype.png"}
    assert archive.read("emotes/Hype.png") == b"picture"
    read = {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}
    assert read["account.json"]["email"] == account.ann.email
    assert [message["text"] for message in read["chat_messages.json"]] == [TEXT, TEXT]
    assert read["channel.json"]["rules"]["slow_seconds"] == 3
    assert [each["channel_id"] for each in read["follows.json"]] == [account.bobs_channel.channel_id]
    assert [(each["subject"], each["reporter"]) for each in read["reports.json"]] == [
        (account.bob.username, account.ann.username)
    ]
    assert read["recordings.json"][0]["playlist"].endswith("/index.m3u8")
    assert [each["text"] for each in read["held_messages.json"]] == [TEXT]


async def test_the_download_is_stored_nowhere_on_the_way(
    browser: Browser, account: FullAccount, backend: Backend
) -> None:
    await sign_in(browser, account, backend)

    answer = await download(browser)

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"  # nginx writes no temporary file


async def test_the_download_has_no_secrets(browser: Browser, account: FullAccount, backend: Backend) -> None:
    await sign_in(browser, account, backend)

    archive = zipfile.ZipFile(io.BytesIO((await download(browser)).content))

    everything = "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    for secret in ("hash", "sealed", "secret", f"s-{account.ann.user_id}", browser.token):
        assert secret not in everything


async def test_a_user_without_chat_and_channel_gets_valid_files(
    browser: Browser, account: FullAccount, backend: Backend
) -> None:
    await backend.store.chat_archive.erase_author(account.bob.user_id, account.bob.username)
    await browser.sign_in(account.bob)

    archive = zipfile.ZipFile(io.BytesIO((await download(browser)).content))

    assert json.loads(archive.read("chat_messages.json")) == []


async def test_visitors_and_other_sites_get_nothing(browser: Browser, account: FullAccount, backend: Backend) -> None:
    assert (await download(browser)).status_code == 401
    await sign_in(browser, account, backend)

    assert (await download(browser, **{"sec-fetch-site": "cross-site"})).status_code == 403
    assert (await download(browser, **{"sec-fetch-site": "same-origin"})).status_code == 200


async def test_an_old_session_gets_nothing(browser: Browser, account: FullAccount, backend: Backend) -> None:
    await sign_in(browser, account, backend)
    [file] = backend.settings.data_dir.glob("*.sqlite3")
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("UPDATE sessions SET created_at = created_at - 3600000")

    assert (await download(browser)).status_code in {401, 403}


async def test_downloads_are_limited_and_recorded(browser: Browser, account: FullAccount, backend: Backend) -> None:
    await sign_in(browser, account, backend)

    answers = [(await download(browser)).status_code for _ in range(4)]

    assert answers == [200, 200, 200, 429]
    entries = await backend.audit_log.newest(9, action=AuditAction.DATA_EXPORTED)
    assert [entry.actor for entry in entries] == [account.ann.username] * 3
