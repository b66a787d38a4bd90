"""The states of the administration: what they show to whom, and which handlers refuse whom."""

from collections.abc import AsyncGenerator, Awaitable
from datetime import datetime
from typing import Any

import pytest

from streaming_app import routes
from streaming_app import streaming_app as site
from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.errors import NotSignedInError
from streaming_app.backend.streams.model import Publisher
from streaming_app.state.admin_log import AdminLog
from streaming_app.state.admin_streams import AdminStreams
from streaming_app.state.admin_users import AdminUser, AdminUsers
from streaming_app.state.admin_view_models import LiveView, UserView
from tests.state.conftest import PASSWORD, Tab

OBS = Publisher("1", "192.0.2.7", "OBS")


@pytest.fixture
async def bob(backend: Backend) -> User:
    return await backend.accounts.register(Registration("Bob", "bob@example.com", PASSWORD), "192.0.2.1")


async def sign_in(backend: Backend, user: User, role: SiteRole = SiteRole.USER) -> str:
    """Give the user a role and return the token of a new session."""
    await backend.users.set_role(OPERATOR_STAFF, user.user_id, role)
    sessions = backend.accounts.sessions
    return (await sessions.redeem(await sessions.issue_ticket(user), "", "192.0.2.9")).token


async def go_live(backend: Backend, user: User) -> str:
    """Start a stream and return the id of its channel."""
    channel = await backend.channels.get_or_create(user)
    key = await backend.channels.stream_key(user.user_id)
    await backend.streams.start(channel.channel_id, key.partition("?key=")[2], OBS)
    return channel.channel_id


async def run(result: Awaitable[Any] | AsyncGenerator[Any] | Any) -> str:
    """Run a handler and return its events as text."""
    return str(await result if isinstance(result, Awaitable) else result)


async def test_an_admin_finds_suspends_and_readmits_a_user(backend: Backend, ana: User, bob: User) -> None:
    token = await sign_in(backend, ana, SiteRole.ADMIN)
    users = await Tab("http://site.test/admin", token).state(AdminUsers)
    await AdminUsers.open.fn(users)
    await AdminUsers.search.fn(users, {"text": "BOB@", "group": "all"})
    assert [(each.name, each.email) for each in users.users] == [("Bob", "bob@example.com")]
    page = await Tab("http://site.test/admin/users/Bob", token).state(AdminUser)
    await AdminUser.open.fn(page)

    await AdminUser.suspend.fn(page, {"reason": "", "duration": "1 day"})
    assert page.errors.reason == "Enter a reason. The user sees it."
    await AdminUser.suspend.fn(page, {"reason": "spam", "duration": "1 day"})
    assert (page.user.suspended, page.user.reason, page.errors.reason) == (True, "spam", "")
    assert page.entries[0].details == "1 day: spam"
    assert (await backend.users.find("bob")).banned
    await AdminUser.unsuspend.fn(page)

    assert not page.user.suspended
    assert not (await backend.users.find("bob")).banned


async def test_an_admin_changes_a_role_and_signs_a_user_out(backend: Backend, ana: User, bob: User) -> None:
    of_bob = await sign_in(backend, bob)
    page = await Tab("http://site.test/admin/users/bob", await sign_in(backend, ana, SiteRole.ADMIN)).state(AdminUser)
    await AdminUser.open.fn(page)

    await AdminUser.sign_out_user.fn(page)
    await AdminUser.set_role.fn(page, {"role": "moderator"})

    with pytest.raises(NotSignedInError):
        await backend.accounts.sessions.verify(of_bob)
    assert page.user.role_name == "Moderator of the site"
    assert [entry.action for entry in page.entries[:2]] == ["Role changed", "Signed out everywhere"]


async def test_an_admin_orders_the_deletion_of_an_account(backend: Backend, ana: User, bob: User) -> None:
    of_bob = await sign_in(backend, bob)
    page = await Tab("http://site.test/admin/users/bob", await sign_in(backend, ana, SiteRole.ADMIN)).state(AdminUser)
    await AdminUser.open.fn(page)

    await AdminUser.delete_account.fn(page)

    with pytest.raises(NotSignedInError):
        await backend.accounts.sessions.verify(of_bob)
    [leaving] = await backend.store.account_deletions.leaving()
    assert (leaving.username, leaving.deletes_at) == ("Bob", datetime.fromisoformat(page.user.deletes_at))
    assert (page.entries[0].action, page.entries[0].actor) == ("Deletion requested", "Ana")


@pytest.mark.parametrize(("mine", "theirs"), [("moderator", "user"), ("admin", "admin")])
async def test_only_admins_delete_accounts_and_only_of_lower_roles(
    backend: Backend, ana: User, bob: User, mine: str, theirs: str
) -> None:
    await backend.users.set_role(OPERATOR_STAFF, bob.user_id, theirs)
    page = await Tab("http://site.test/admin/users/bob", await sign_in(backend, ana, SiteRole(mine))).state(AdminUser)
    await AdminUser.open.fn(page)

    assert "toastError" in str(await AdminUser.delete_account.fn(page))

    assert await backend.store.account_deletions.leaving() == []


async def test_a_site_moderator_sees_no_emails_addresses_or_audit_log(backend: Backend, ana: User, bob: User) -> None:
    token = await sign_in(backend, ana, SiteRole.MODERATOR)
    tab = Tab("http://site.test/admin/users/bob", token)
    users, user, log = await tab.state(AdminUsers), await tab.state(AdminUser), await tab.state(AdminLog)

    await AdminUsers.open.fn(users)
    await AdminUser.open.fn(user)
    await AdminLog.open.fn(log)
    await AdminUser.set_role.fn(user, {"role": "admin"})

    assert [each.name for each in users.users] == ["Ana", "Bob"]
    assert (await backend.users.find("bob")).site_role is SiteRole.USER
    for private in ("@example.com", "192.0.2.9"):
        assert private not in tab.shown()


async def test_an_admin_cuts_a_stream_off_and_allows_it_again(backend: Backend, ana: User, bob: User) -> None:
    channel_id = await go_live(backend, bob)
    page = await Tab("http://site.test/admin/streams", await sign_in(backend, ana, SiteRole.ADMIN)).state(AdminStreams)
    await AdminStreams.open.fn(page)
    assert [each.name for each in page.live] == ["Bob"]
    AdminStreams.choose.fn(page, channel_id)

    await AdminStreams.cut_off.fn(page, {"reason": "", "duration": "1 hour"})
    assert page.errors.reason == "Enter a reason. The streamer sees it."
    await AdminStreams.cut_off.fn(page, {"reason": "not allowed here", "duration": "1 hour"})

    assert (page.live, [(each.name, each.by) for each in page.blocked]) == ([], [("Bob", "Ana")])
    with pytest.raises(Exception, match=r"blocked this channel until .* Reason: not allowed here"):
        await go_live(backend, bob)
    await AdminStreams.allow.fn(page, channel_id)
    assert page.blocked == []
    assert await go_live(backend, bob) == channel_id


async def test_the_audit_log_is_searched_and_read_in_pages(backend: Backend, ana: User, bob: User) -> None:
    page = await Tab("http://site.test/admin/log", await sign_in(backend, ana, SiteRole.ADMIN)).state(AdminLog)

    await AdminLog.open.fn(page)

    await AdminLog.search.fn(page, {"name": "bob", "action": "registered"})
    assert [(each.action, each.actor) for each in page.entries] == [("Registered", "Bob")]
    await AdminLog.search.fn(page, {"name": " BOB ", "action": "signed_in"})
    assert page.entries == []
    for _ in range(55):
        await backend.users.sign_out(OPERATOR_STAFF, bob.user_id)
    await AdminLog.open.fn(page)
    assert (len(page.entries), page.has_older) == (50, True)
    await AdminLog.older.fn(page)
    assert len(page.entries) == len({each.entry_id for each in page.entries}) > 55


@pytest.mark.parametrize("who", ["visitor", "user", "suspended"])
async def test_every_handler_refuses_others_than_staff(backend: Backend, ana: User, bob: User, who: str) -> None:
    channel_id = await go_live(backend, bob)
    token = "" if who == "visitor" else await sign_in(backend, ana)
    if who == "suspended":
        await backend.users.suspend(OPERATOR_STAFF, ana.user_id, "", "no end")
    before = await backend.audit_log.newest(50)
    tab = Tab("http://site.test/admin/users/bob", token)
    user, users = await tab.state(AdminUser), await tab.state(AdminUsers)
    streams, log = await tab.state(AdminStreams), await tab.state(AdminLog)

    for opened in (
        AdminUsers.open.fn(users),
        AdminUsers.search.fn(users, {"text": "", "group": "all"}),
        AdminUsers.more.fn(users),
        AdminUser.open.fn(user),
        AdminStreams.open.fn(streams),
        AdminStreams.refresh.fn(streams),
        AdminLog.open.fn(log),
        AdminLog.search.fn(log, {}),
        AdminLog.older.fn(log),
    ):
        await opened
    assert not user.may_administer
    assert (users.users, streams.live, log.entries, user.user.user_id) == ([], [], [], "")

    user.user, streams.chosen = UserView(user_id=bob.user_id), LiveView(channel_id=channel_id)
    for refused in (
        AdminUser.suspend.fn(user, {"reason": "spam", "duration": "1 day"}),
        AdminUser.unsuspend.fn(user),
        AdminUser.sign_out_user.fn(user),
        AdminUser.set_role.fn(user, {"role": "admin"}),
        AdminUser.delete_account.fn(user),
        AdminStreams.cut_off.fn(streams, {"reason": "spam", "duration": "1 day"}),
        AdminStreams.allow.fn(streams, channel_id),
    ):
        assert "toastError" in await run(refused)

    assert await backend.audit_log.newest(50) == before
    assert (await backend.users.find("bob")) == bob
    assert await backend.streams.current(channel_id)


def test_the_documents_of_all_pages_of_the_administration_are_for_staff() -> None:
    pages = {path for name, path in vars(routes).items() if name.startswith("ADMIN")} - {routes.ADMIN_USERS}
    assert pages == set(site.PAGE_PATHS.staff)
