"""What staff may do with accounts, and with whose."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.accounts.ports import UserGroup
from streaming_app.backend.accounts.session_service import SessionService
from streaming_app.backend.accounts.staff import OPERATOR_STAFF, Staff, staff_member
from streaming_app.backend.accounts.user_administration import PAGE, UserAdministration
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.errors import ForbiddenError, InvalidError, NotFoundError, NotSignedInError
from tests.rig.audit import audit_log_of
from tests.rig.sessions import session_service_of
from tests.unit.accounts.clock import Clock

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def user(name: str, role: SiteRole = SiteRole.USER) -> User:
    return User(f"u-{name}", name, f"{name}@mail.example.com", "hash", NOW, site_role=role)


ADMIN, OTHER_ADMIN = user("root", SiteRole.ADMIN), user("boss", SiteRole.ADMIN)
MODERATOR, OTHER_MODERATOR = user("mod", SiteRole.MODERATOR), user("mia", SiteRole.MODERATOR)
ANN = user("ann")
BY_ADMIN, BY_MODERATOR = staff_member(ADMIN, "192.0.2.1"), staff_member(MODERATOR, "192.0.2.2")


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    async with open_store(":memory:") as store:
        for each in (ADMIN, OTHER_ADMIN, MODERATOR, OTHER_MODERATOR, ANN):
            await store.users.add(each)
        yield store


@pytest.fixture
def sessions(store: SqliteStore, clock: Clock) -> SessionService:
    return session_service_of(store, LocalBus(clock), clock, audit_log_of(store, clock))


@pytest.fixture
def users(store: SqliteStore, sessions: SessionService, clock: Clock) -> UserAdministration:
    return UserAdministration(store.users, sessions, clock, audit_log_of(store, clock))


def test_only_staff_who_are_not_suspended_have_rights() -> None:
    for nobody in (ANN, replace(ADMIN, banned=True), replace(ANN, banned=True)):
        with pytest.raises(ForbiddenError):
            staff_member(nobody)


ACTS: dict[str, Callable[[UserAdministration, Staff, str], Awaitable[object]]] = {
    "suspend": lambda users, actor, user_id: users.suspend(actor, user_id, "spam", "1 day"),
    "unsuspend": lambda users, actor, user_id: users.unsuspend(actor, user_id),
    "sign_out": lambda users, actor, user_id: users.sign_out(actor, user_id),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    ("actor", "target", "is_allowed"),
    [
        (BY_ADMIN, ANN, True),
        (BY_ADMIN, MODERATOR, True),
        (BY_ADMIN, OTHER_ADMIN, False),
        (BY_ADMIN, ADMIN, False),
        (BY_MODERATOR, ANN, True),
        (BY_MODERATOR, OTHER_MODERATOR, False),
        (BY_MODERATOR, ADMIN, False),
        (OPERATOR_STAFF, ADMIN, True),
    ],
)
async def test_staff_act_only_on_lower_ranks(
    users: UserAdministration, store: SqliteStore, act: str, actor: Staff, target: User, *, is_allowed: bool
) -> None:
    if is_allowed:
        await ACTS[act](users, actor, target.user_id)
    else:
        with pytest.raises(ForbiddenError):
            await ACTS[act](users, actor, target.user_id)

    assert bool(await store.audit_log.newest(9)) is is_allowed
    assert is_allowed or await store.users.get(target.user_id) == target


@pytest.mark.parametrize("act", ACTS)
async def test_acts_on_unknown_users_are_refused(users: UserAdministration, act: str) -> None:
    with pytest.raises(NotFoundError):
        await ACTS[act](users, BY_ADMIN, "u-nobody")


async def test_a_suspension_ends_sessions_and_is_lifted_at_its_end(
    users: UserAdministration, sessions: SessionService, clock: Clock
) -> None:
    token = (await sessions.redeem(await sessions.issue_ticket(ANN))).token

    suspended = await users.suspend(BY_MODERATOR, "u-ann", "  selling \n things ", "1 day")

    assert (suspended.banned, suspended.ban_reason) == (True, "selling things")
    assert suspended.banned_until == NOW + timedelta(days=1)
    with pytest.raises(NotSignedInError):
        await sessions.verify(token)
    with pytest.raises(ForbiddenError, match=r"until 29 November 2026, 12:00 UTC\. Reason: selling things"):
        await sessions.redeem(await sessions.issue_ticket(suspended))
    clock.now += timedelta(days=1)
    await users.lift_expired_suspensions()
    again = await users.find("ann")
    assert not again.banned
    assert (await sessions.redeem(await sessions.issue_ticket(again))).user == again


async def test_a_lifted_suspension_leaves_no_trace_but_in_the_audit_log(
    users: UserAdministration, store: SqliteStore
) -> None:
    await users.suspend(BY_ADMIN, "u-ann", "spam", "no end")

    assert not (await users.unsuspend(BY_MODERATOR, "u-ann")).ban_reason

    entries = await store.audit_log.newest(9)
    assert [(each.actor, each.action, each.target, each.address, each.details) for each in entries] == [
        ("mod", "unsuspended", "ann", "192.0.2.2", ""),
        ("root", "suspended", "ann", "192.0.2.1", "no end: spam"),
    ]


@pytest.mark.parametrize(
    ("reason", "length", "field"),
    [("", "1 day", "reason"), ("x" * 201, "1 day", "reason"), ("spam", "2 days", "duration")],
)
async def test_a_suspension_needs_a_reason_and_a_known_length(
    users: UserAdministration, reason: str, length: str, field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await users.suspend(BY_ADMIN, "u-ann", reason, length)

    assert refused.value.field == field


async def test_admins_change_the_roles_of_others(users: UserAdministration, store: SqliteStore) -> None:
    assert (await users.set_role(BY_ADMIN, "u-ann", "moderator")).site_role is SiteRole.MODERATOR
    assert (await users.set_role(BY_ADMIN, "u-boss", "user")).site_role is SiteRole.USER

    assert [entry.details for entry in await store.audit_log.newest(9)] == ["admin to user", "user to moderator"]


@pytest.mark.parametrize(
    ("actor", "user_id", "role", "error"),
    [
        (BY_ADMIN, "u-root", "user", ForbiddenError),
        (BY_ADMIN, "u-ann", "king", InvalidError),
        (BY_MODERATOR, "u-ann", "moderator", ForbiddenError),
        (BY_MODERATOR, "u-mod", "admin", ForbiddenError),
        (BY_ADMIN, "u-nobody", "user", NotFoundError),
    ],
)
async def test_other_changes_of_roles_are_refused(
    users: UserAdministration, actor: Staff, user_id: str, role: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await users.set_role(actor, user_id, role)


async def test_the_list_of_users_has_pages(users: UserAdministration, store: SqliteStore) -> None:
    for number in range(PAGE + 3):
        await store.users.add(user(f"viewer{number:02}"))

    first = await users.search(BY_MODERATOR, "viewer")
    second = await users.search(BY_MODERATOR, "viewer", UserGroup.ALL, first.next_page)

    assert [each.username for each in first.users + second.users] == [f"viewer{n:02}" for n in range(PAGE + 3)]
    assert (len(first.users), second.next_page) == (PAGE, "")


async def test_only_admins_find_users_by_email(users: UserAdministration) -> None:
    assert [each.username for each in (await users.search(BY_ADMIN, "ann@mail")).users] == ["ann"]
    assert (await users.search(BY_MODERATOR, "ann@mail")).users == []
