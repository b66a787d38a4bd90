"""The chat state of a tab: permissions, and results of messages and commands."""

from collections.abc import AsyncIterator

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.chat.model import ChatRules, FilterAction
from streaming_app.backend.events import CHAT_TOPIC
from streaming_app.state.chat import ChatState
from streaming_app.state.session import SessionState, refresh_user
from tests.state.conftest import PASSWORD, Tab


@pytest.fixture
async def channel_id(backend: Backend, ana: User) -> AsyncIterator[str]:
    """The id of Ana's channel. Its chat is archived."""
    async with backend.bus.subscribe([CHAT_TOPIC], backend.chat_archiver.handle, group="chat-archiver"):
        yield (await backend.channels.get_or_create(ana)).channel_id


@pytest.fixture
async def bob(backend: Backend) -> Tab:
    """A tab of the viewer Bob."""
    user = await backend.accounts.register(Registration("Bob", "bob@example.com", PASSWORD), "192.0.2.1")
    return Tab(token=(await backend.accounts.sessions.redeem(await backend.accounts.sessions.issue_ticket(user))).token)


async def opened(tab: Tab, channel_id: str) -> ChatState:
    await refresh_user(await tab.state(SessionState))
    chat = await tab.state(ChatState)
    await ChatState.open.fn(chat, channel_id)
    return chat


async def send(chat: ChatState, channel_id: str, text: str, reply_to: str = "") -> str:
    """Return the text that the message box shows; empty if the message was posted."""
    before = chat.receipt
    await ChatState.send.fn(chat, channel_id, text, reply_to, "")
    assert chat.receipt not in {"", before}
    return chat.refusal or chat.answer


async def test_a_message_that_the_page_sends_twice_is_posted_once(
    backend: Backend, channel_id: str, ana_token: str
) -> None:
    chat = await opened(Tab(token=ana_token), channel_id)

    for _ in range(2):
        await ChatState.send.fn(chat, channel_id, "hi", "", "0123456789abcdef")
        assert chat.refusal == ""

    assert [message.text for message in await backend.chat.recent(channel_id, 10)] == ["hi"]


async def test_the_owner_may_use_every_command_and_a_viewer_few(
    backend: Backend, channel_id: str, ana_token: str, bob: Tab
) -> None:
    owner, viewer = await opened(Tab(token=ana_token), channel_id), await opened(bob, channel_id)

    assert (owner.role, viewer.role) == ("owner", "viewer")
    assert {"ban", "mod"} < {command.name for command in owner.commands}
    assert [command.name for command in viewer.commands] == ["help"]
    assert owner.max_length == backend.settings.chat_max_length


async def test_the_role_is_read_again_when_the_chat_is_reopened(channel_id: str, ana_token: str, bob: Tab) -> None:
    owner, viewer = await opened(Tab(token=ana_token), channel_id), await opened(bob, channel_id)

    assert await send(owner, channel_id, "/mod bob") == "Bob is now a moderator."
    await ChatState.open.fn(viewer, channel_id)

    assert viewer.role == "moderator"


async def test_a_signed_out_viewer_has_no_role(channel_id: str) -> None:
    chat = await opened(Tab(), channel_id)

    assert (chat.role, chat.commands) == ("", [])
    assert "signed out" in await send(chat, channel_id, "hi")


async def test_the_role_is_cleared_when_the_session_ends(backend: Backend, channel_id: str, ana_token: str) -> None:
    tab = Tab(token=ana_token)
    chat = await opened(tab, channel_id)
    await backend.accounts.sessions.sign_out(ana_token)

    await refresh_user(await tab.state(SessionState))

    assert (chat.role, chat.commands) == ("", [])


async def test_a_message_has_no_answer_text_and_can_be_a_reply(
    backend: Backend, channel_id: str, ana_token: str, bob: Tab
) -> None:
    owner, viewer = await opened(Tab(token=ana_token), channel_id), await opened(bob, channel_id)
    assert await send(viewer, channel_id, "who are you?") == ""
    [question] = await backend.chat.recent(channel_id, 10)

    assert await send(owner, channel_id, "Ana", question.message_id) == ""

    answer = (await backend.chat.recent(channel_id, 10))[1]
    assert answer.reply_to
    assert answer.reply_to.text == "who are you?"


async def test_a_refusal_shows_its_reason_until_the_next_answer(channel_id: str, ana_token: str) -> None:
    owner = await opened(Tab(token=ana_token), channel_id)

    assert "Unknown command /nonsense" in await send(owner, channel_id, "/nonsense")
    assert owner.answer == ""
    assert await send(owner, channel_id, "/slow 5") == "Chat rules changed: slow mode 5 seconds."
    assert owner.refusal == ""
    assert await send(owner, channel_id, "hello") == ""


async def test_the_author_of_a_held_message_sees_that_it_is_held(backend: Backend, channel_id: str, bob: Tab) -> None:
    await backend.store.chat_settings.set_rules(
        channel_id, ChatRules(blocked_terms=("bad",), filtered=FilterAction.HELD), 0
    )

    returned = await send(await opened(bob, channel_id), channel_id, "so bad")

    assert "once a moderator approves it" in returned


async def test_a_menu_action_is_carried_out(backend: Backend, channel_id: str, ana_token: str, bob: Tab) -> None:
    owner, viewer = await opened(Tab(token=ana_token), channel_id), await opened(bob, channel_id)
    await send(viewer, channel_id, "hi")
    [message] = await backend.chat.recent(channel_id, 10)

    deleted = await ChatState.moderate.fn(owner, channel_id, "delete", "Bob", message.message_id, "", "")
    timed_out = await ChatState.moderate.fn(owner, channel_id, "timeout", "Bob", "", 10, "spam")

    assert "Message deleted." in str(deleted)
    assert "Bob is timed out for 10 minutes." in str(timed_out)
    assert await backend.chat.recent(channel_id, 10) == []
    assert "You are timed out" in await send(viewer, channel_id, "why?")


async def test_a_banned_viewer_sees_the_reason_and_end_of_the_ban_and_when_it_is_over(
    channel_id: str, ana_token: str, bob: Tab
) -> None:
    owner, viewer = await opened(Tab(token=ana_token), channel_id), await opened(bob, channel_id)
    assert viewer.ban.words == ""

    await send(owner, channel_id, "/timeout bob 10m too loud")
    await ChatState.open.fn(viewer, channel_id)
    timeout = viewer.ban
    await send(owner, channel_id, "/ban bob spam!")
    await ChatState.open.fn(viewer, channel_id)
    ban = viewer.ban
    await send(owner, channel_id, "/unban bob")
    await ChatState.open.fn(viewer, channel_id)

    assert 9 * 60 < timeout.seconds <= 10 * 60
    assert timeout.words == "You are timed out: too loud."
    assert (ban.words, ban.seconds) == ("You are banned from this chat: spam!", 0)
    assert viewer.ban.words == ""


async def test_a_rate_limited_viewer_sees_how_long_to_wait(channel_id: str, ana_token: str, bob: Tab) -> None:
    owner, viewer = await opened(Tab(token=ana_token), channel_id), await opened(bob, channel_id)
    await send(owner, channel_id, "/slow 60")
    await send(viewer, channel_id, "one")
    assert viewer.wait_seconds == 60

    await send(viewer, channel_id, "two")

    assert 0 < viewer.wait_seconds <= 60
    await send(viewer, channel_id, "/nonsense")
    assert viewer.wait_seconds == 0


@pytest.mark.parametrize(
    "action", ["delete", "clear", "timeout", "ban", "unban", "mod", "unmod", "pin", "unpin", "x", "approve"]
)
async def test_a_menu_action_without_permission_is_refused(
    backend: Backend, channel_id: str, bob: Tab, action: str
) -> None:
    viewer = await opened(bob, channel_id)
    await send(viewer, channel_id, "hi")
    [message] = await backend.chat.recent(channel_id, 10)

    returned = await ChatState.moderate.fn(viewer, channel_id, action, "Ana", message.message_id, "10", "")

    assert "toastError" in str(returned)
    assert await backend.store.moderation_log.newest(channel_id, 10) == []


async def test_a_menu_action_of_a_signed_out_viewer_is_refused(channel_id: str) -> None:
    chat = await opened(Tab(), channel_id)

    assert "signed out" in str(await ChatState.moderate.fn(chat, channel_id, "ban", "Ana", "", "", ""))
