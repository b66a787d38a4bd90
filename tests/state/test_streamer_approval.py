"""Asking to stream in the studio, and the page on which staff answer."""

from dataclasses import replace

import pytest

from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.errors import ForbiddenError
from streaming_app.backend.streams.model import Publisher
from streaming_app.backend.streams.streamer_requests import StreamingMode
from streaming_app.state.admin_streamers import AdminStreamers, RequestView
from streaming_app.state.studio_approval import StudioApproval
from tests.state.conftest import PASSWORD, Tab

OBS = Publisher("1", "192.0.2.7", "OBS")


@pytest.fixture
async def bob(backend: Backend) -> User:
    return await backend.accounts.register(Registration("Bob", "bob@example.com", PASSWORD), "192.0.2.1")


def set_mode(backend: Backend, mode: StreamingMode) -> None:
    """Change who may stream, as the setting STREAMING does."""
    backend.streamer_approval._gate.mode = mode  # pyright: ignore[reportPrivateUsage]


async def tab_of(backend: Backend, user: User, role: SiteRole = SiteRole.USER) -> Tab:
    """Sign a user with this role in and open a page."""
    await backend.users.set_role(OPERATOR_STAFF, user.user_id, role)
    sessions = backend.accounts.sessions
    return Tab("http://site.test/admin/streamers", (await sessions.redeem(await sessions.issue_ticket(user))).token)


async def publish(backend: Backend, user: User) -> str:
    """Start a stream and return the id of its channel."""
    channel = await backend.channels.get_or_create(user)
    key = await backend.channels.stream_key(user.user_id)
    await backend.streams.start(channel.channel_id, key.partition("?key=")[2], OBS)
    return channel.channel_id


async def test_a_user_asks_is_refused_asks_again_is_approved_and_revoked(
    backend: Backend, ana: User, bob: User
) -> None:
    set_mode(backend, StreamingMode.REQUEST)
    studio = await (await tab_of(backend, bob)).state(StudioApproval)
    page = await (await tab_of(backend, ana, SiteRole.MODERATOR)).state(AdminStreamers)
    with pytest.raises(ForbiddenError, match=r"Ask for it in the studio\."):
        await publish(backend, bob)
    await StudioApproval.open.fn(studio)
    await StudioApproval.ask.fn(studio, {"about": " "})
    assert (studio.step, studio.error) == ("form", "Write what you want to stream.")
    await StudioApproval.ask.fn(studio, {"about": "chess"})
    assert (studio.status, studio.text, studio.error) == ("waiting", "chess", "")
    await AdminStreamers.open.fn(page)
    assert [(each.name, each.text) for each in page.waiting] == [("Bob", "chess")]

    AdminStreamers.choose.fn(page, bob.user_id)
    await AdminStreamers.refuse.fn(page, {"note": ""})
    assert page.errors.note == "Enter a note. The user sees it."
    await AdminStreamers.refuse.fn(page, {"note": "tell us more"})
    with pytest.raises(ForbiddenError, match="Reason: tell us more"):
        await publish(backend, bob)
    await StudioApproval.open.fn(studio)
    assert (studio.status, studio.note) == ("refused", "tell us more")
    await StudioApproval.ask.fn(studio, {"about": "chess lessons"})
    await AdminStreamers.approve_request.fn(page, "Bob")
    channel_id = await publish(backend, bob)
    await StudioApproval.open.fn(studio)
    assert studio.step == "none"

    AdminStreamers.choose.fn(page, bob.user_id)
    await AdminStreamers.refuse.fn(page, {"note": "enough"})

    assert await backend.streams.current(channel_id) is None
    with pytest.raises(ForbiddenError, match="Reason: enough"):
        await publish(backend, bob)
    entries = await backend.audit_log.newest(3, name="Bob")
    assert [entry.action for entry in entries] == ["streamer_refused", "streamer_approved", "streamer_refused"]


async def test_users_who_have_streamed_keep_their_right_unless_the_site_is_closed(backend: Backend, bob: User) -> None:
    channel_id = await publish(backend, bob)
    for mode in (StreamingMode.REQUEST, StreamingMode.CLOSED):
        set_mode(backend, mode)
        if mode is StreamingMode.REQUEST:
            await backend.streams.heartbeat(channel_id, "1")
        else:
            with pytest.raises(ForbiddenError, match="Only users whom an admin approved"):
                await backend.streams.heartbeat(channel_id, "1")


async def test_on_a_closed_site_only_admins_approve_and_nobody_asks(backend: Backend, ana: User, bob: User) -> None:
    set_mode(backend, StreamingMode.CLOSED)
    tab = await tab_of(backend, ana, SiteRole.MODERATOR)
    page, studio = await tab.state(AdminStreamers), await (await tab_of(backend, bob)).state(StudioApproval)
    assert "toastError" in str(await StudioApproval.ask.fn(studio, {"about": "chess"}))
    assert "toastError" in str(await AdminStreamers.approve.fn(page, {"username": "bob"}))
    await backend.users.set_role(OPERATOR_STAFF, ana.user_id, SiteRole.ADMIN)

    await AdminStreamers.approve.fn(page, {"username": "nobody"})
    assert page.errors.username == "There is no user with this name."
    await AdminStreamers.approve.fn(page, {"username": "bob"})

    assert [(each.name, each.by) for each in page.approved] == [("Bob", "Ana")]
    assert await publish(backend, bob)


async def test_every_handler_refuses_others_than_staff(backend: Backend, ana: User, bob: User) -> None:
    set_mode(backend, StreamingMode.REQUEST)
    await backend.channels.get_or_create(bob)
    await backend.streamer_approval.ask(bob, "chess")
    before = await backend.store.streamer_requests.of(bob.user_id)
    page = await (await tab_of(backend, ana)).state(AdminStreamers)
    await AdminStreamers.open.fn(page)
    assert page.waiting == []
    page.chosen = replace(RequestView(), user_id=bob.user_id)

    for refused in (
        AdminStreamers.approve.fn(page, {"username": "bob"}),
        AdminStreamers.approve_request.fn(page, "bob"),
        AdminStreamers.refuse.fn(page, {"note": "no"}),
    ):
        assert "toastError" in str(await refused)

    assert await backend.store.streamer_requests.of(bob.user_id) == before
