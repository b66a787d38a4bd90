"""What the audit log contains after the actions of users and operators."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streaming_app.backend.__main__ import main
from streaming_app.backend.account_wiring import AUDITED_FAILURES
from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.audit_log import OPERATOR, AuditAction, AuditEntry, AuditLog, by_user
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.adapters.logging_setup import LineFormatter
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import DomainError
from tests.rig.audit import FAILURES, audit_log_of
from tests.rig.password_hashing import with_quick_hashes

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
ANN = User("u-ann", "Ann", "ann@example.com", "hash", NOW)
ADDRESS = "192.0.2.1"
OLD, NEW = "correct horse", "battery staple"


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    async with open_store(":memory:") as store:
        yield store


@pytest.fixture
def audit_log(store: SqliteStore) -> AuditLog:
    return audit_log_of(store, lambda: NOW)


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    settings = with_quick_hashes(Settings(data_dir=tmp_path / "data", supervise=frozenset()))
    async with open_backend(settings) as backend:
        yield backend


async def register(backend: Backend) -> User:
    return await backend.accounts.register(Registration("Ann", "ann@example.com", OLD), ADDRESS)


def acts(entries: list[AuditEntry]) -> list[tuple[str, str, str, str]]:
    """Return action, actor, target and address of each entry, oldest first."""
    return [(each.action, each.actor, each.target, each.address) for each in reversed(entries)]


async def test_each_entry_is_also_one_line_of_the_log(audit_log: AuditLog, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await audit_log.record(AuditAction.SUSPENDED, OPERATOR, by_user(ANN), "two\nlines")

    [line] = caplog.records
    assert line.name == "streaming_app.audit.suspended"
    written = json.loads(LineFormatter("web", as_json=True).format(line))
    assert {name: written[name] for name in ("event", "actor", "target", "details")} == {
        "event": "suspended",
        "actor": "operator (command line)",
        "target": "Ann",
        "details": "two\nlines",
    }


async def test_failed_sign_ins_to_one_account_do_not_flood_the_log(audit_log: AuditLog) -> None:
    bob = User("u-bob", "Bob", "bob@example.com", "hash", NOW)

    for account in (*[ANN] * 10, *[None] * 10, bob):
        await audit_log.record_failed_sign_in(AuditAction.SIGN_IN_FAILED, account, ADDRESS)

    targets = [entry.target for entry in await audit_log.newest(100)]
    assert sorted(targets) == ["Ann"] * FAILURES + ["Bob"] + ["unknown account"] * FAILURES


async def test_the_log_shows_registration_sign_ins_and_failures(backend: Backend) -> None:
    await register(backend)
    for login in ("ann", "my secret password"):
        with pytest.raises(DomainError):
            await backend.accounts.sign_in(login, "wrong", "192.0.2.66")
    await backend.accounts.sessions.redeem(await backend.accounts.sign_in("ann", OLD, ADDRESS), "Firefox", ADDRESS)

    entries = await backend.audit_log.newest(10)

    assert acts(entries) == [
        ("registered", "Ann", "", ADDRESS),
        ("sign_in_failed", "visitor", "Ann", "192.0.2.66"),
        ("sign_in_failed", "visitor", "unknown account", "192.0.2.66"),
        ("signed_in", "Ann", "", ADDRESS),
    ]
    assert "my secret password" not in str(entries)


async def test_the_log_shows_that_an_account_is_locked(backend: Backend) -> None:
    await register(backend)

    for number in range(40):
        with pytest.raises(DomainError):
            await backend.accounts.sign_in("ann", "wrong", f"192.0.2.{number}")

    entries = await backend.audit_log.newest(100)
    actions = [entry.action for entry in entries if entry.target == "Ann"]
    assert actions.count("sign_in_failed") == actions.count("sign_in_blocked") == AUDITED_FAILURES


async def test_the_log_shows_passwords_sessions_and_tokens(backend: Backend) -> None:
    user = await register(backend)
    user = await backend.passwords.change(user, OLD, NEW, ADDRESS)
    secret = await backend.passwords.create_reset_secret("ann")
    user = await backend.passwords.reset(secret, OLD, ADDRESS)
    token = await backend.api_tokens.create(user.user_id, NewToken("quiz bot", ("chat:write",), "7"), ADDRESS)
    [created] = await backend.api_tokens.list_by_user(user.user_id)
    await backend.api_tokens.revoke(user.user_id, created.token_id, ADDRESS)
    await backend.api_tokens.revoke(user.user_id, created.token_id, ADDRESS)
    sessions = backend.accounts.sessions
    mine, other = [await sessions.redeem(await sessions.issue_ticket(user), "Opera", ADDRESS) for _ in range(2)]
    public_id = next(each.public_id for each in (await sessions.list_of(other.token))[:1])
    await sessions.end(mine.token, public_id, ADDRESS)
    await sessions.end_others(mine.token, ADDRESS)

    entries = await backend.audit_log.newest(20)

    assert acts(entries)[1:] == [
        ("password_changed", "Ann", "", ADDRESS),
        ("reset_link_created", "operator (command line)", "Ann", ""),
        ("password_reset", "Ann", "", ADDRESS),
        ("api_token_created", "Ann", "", ADDRESS),
        ("api_token_revoked", "Ann", "", ADDRESS),
        ("signed_in", "Ann", "", ADDRESS),
        ("signed_in", "Ann", "", ADDRESS),
        ("session_ended", "Ann", "", ADDRESS),
        ("signed_out_everywhere", "Ann", "", ADDRESS),
    ]
    for private in (secret, token, OLD, NEW, "ann@example.com"):
        assert private not in str(entries)


def test_commands_of_operators_are_in_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def prepare() -> None:
        async with open_backend(with_quick_hashes(Settings())) as backend:
            await register(backend)

    async def read() -> list[AuditEntry]:
        async with open_backend(Settings()) as backend:
            return await backend.audit_log.newest(20, name="operator (command line)")

    asyncio.run(prepare())
    for what in ("ban", "unban", "promote", "demote", "reset-link"):
        assert main(["admin", what, "ann"]) == 0

    assert [(entry.action, entry.target, entry.details) for entry in reversed(asyncio.run(read()))] == [
        ("suspended", "Ann", "no end"),
        ("unsuspended", "Ann", ""),
        ("role_changed", "Ann", "user to admin"),
        ("role_changed", "Ann", "admin to user"),
        ("reset_link_created", "Ann", ""),
    ]
