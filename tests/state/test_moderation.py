"""The state of the moderation page."""

from collections.abc import AsyncIterator

import pytest

from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.chat.model import ChatRules, FilterAction, LinkPolicy
from streaming_app.backend.events import CHAT_TOPIC
from streaming_app.state.moderation import PAGE, ModerationState
from streaming_app.state.moderation_view_models import RulesErrors
from streaming_app.state.session import SessionState, refresh_user
from tests.rig.pictures import still
from tests.state.conftest import PASSWORD, Tab

ADDRESS = "http://site.test/c/ana/moderation"


@pytest.fixture
async def channel_id(backend: Backend, ana: User) -> AsyncIterator[str]:
    """The id of Ana's channel. Its chat is archived."""
    async with backend.bus.subscribe([CHAT_TOPIC], backend.chat_archiver.handle, group="chat-archiver"):
        yield (await backend.channels.get_or_create(ana)).channel_id


@pytest.fixture
async def bob(backend: Backend) -> User:
    return await backend.accounts.register(Registration("Bob", "bob@example.com", PASSWORD), "192.0.2.1")


async def token_of(backend: Backend, user: User) -> str:
    return (await backend.accounts.sessions.redeem(await backend.accounts.sessions.issue_ticket(user))).token


async def opened(token: str, address: str = ADDRESS) -> ModerationState:
    tab = Tab(address, token)
    await refresh_user(await tab.state(SessionState))
    page = await tab.state(ModerationState)
    await ModerationState.open.fn(page)
    return page


async def test_the_page_opens_for_the_owner(channel_id: str, ana_token: str) -> None:
    page = await opened(ana_token)

    assert (page.channel_id, page.name, page.feed) == (channel_id, "Ana", f"/feed/{channel_id}")
    assert page.is_owner
    assert (page.held, page.bans, page.moderators, page.log) == ([], [], [], [])


async def test_a_signed_out_user_is_redirected_to_sign_in(channel_id: str) -> None:
    tab = Tab(ADDRESS)

    sent = await ModerationState.open.fn(await tab.state(ModerationState))

    assert "/login?next=/c/ana/moderation" in str(sent)


async def test_a_viewer_sees_why_the_page_is_refused_and_no_data(backend: Backend, channel_id: str, bob: User) -> None:
    await backend.store.chat_settings.set_rules(channel_id, ChatRules(blocked_terms=("secret",)), 0)

    page = await opened(await token_of(backend, bob))

    assert page.refusal == "Only moderators of this channel can do that."
    assert page.channel_id == ""
    assert "secret" not in str(page.dict())


async def test_an_unknown_channel_is_shown_as_missing(ana_token: str) -> None:
    assert (await opened(ana_token, "http://site.test/c/nobody/moderation")).missing


async def test_moderators_can_be_added_and_removed(channel_id: str, ana_token: str, bob: User) -> None:
    page = await opened(ana_token)

    await ModerationState.appoint.fn(page, {"moderator": "nobody"})
    assert page.name_error == "There is no user called “nobody”."
    assert "Bob is now a moderator." in str(await ModerationState.appoint.fn(page, {"moderator": " @bob "}))
    assert (page.moderators, page.name_error) == (["Bob"], "")
    assert "no longer a moderator" in str(await ModerationState.dismiss.fn(page, "Bob"))
    assert page.moderators == []


async def test_a_moderator_can_use_the_page_but_not_appoint_moderators(
    backend: Backend, channel_id: str, ana_token: str, bob: User
) -> None:
    await backend.moderation.add_moderator(channel_id, (await backend.store.users.get_by_login("ana")).user_id, "bob")
    page = await opened(await token_of(backend, bob))

    assert not page.is_owner
    await ModerationState.appoint.fn(page, {"moderator": "ana"})
    assert page.name_error == "Only the channel's owner can change its moderators."


async def test_a_former_moderator_sees_no_data(backend: Backend, channel_id: str, ana: User, bob: User) -> None:
    await backend.moderation.add_moderator(channel_id, ana.user_id, "bob")
    page = await opened(await token_of(backend, bob))
    await backend.moderation.remove_moderator(channel_id, ana.user_id, "bob")

    await ModerationState.refresh.fn(page)

    assert page.channel_id == ""
    assert "moderators" in page.refusal


async def test_bans_can_be_made_listed_and_lifted(channel_id: str, ana_token: str, bob: User) -> None:
    page = await opened(ana_token)

    await ModerationState.ban.fn(page, {"chatter": "bob", "length": "soon", "reason": ""})
    assert "Enter a length in minutes" in page.ban_error
    await ModerationState.ban.fn(page, {"chatter": "bob", "length": "2h", "reason": "spam"})
    assert [(ban.name, ban.reason, ban.by, bool(ban.until)) for ban in page.bans] == [("Bob", "spam", "Ana", True)]
    await ModerationState.ban.fn(page, {"chatter": "bob", "length": "", "reason": ""})
    assert [ban.until for ban in page.bans] == [""]
    assert "Bob can chat again." in str(await ModerationState.unban.fn(page, "Bob"))
    assert page.bans == []


async def test_only_the_owner_and_admins_see_and_delete_emotes(
    backend: Backend, channel_id: str, ana: User, ana_token: str, bob: User
) -> None:
    for name in ("hype", "zap"):
        await backend.emotes.add(channel_id, ana.user_id, name, still("PNG"))
    await backend.moderation.add_moderator(channel_id, ana.user_id, "bob")
    bobs = await opened(await token_of(backend, bob))
    owners = await opened(ana_token)
    hype, zap = (str(emote.emote_id) for emote in owners.emotes)

    assert bobs.emotes == []
    assert "Only the channel's owner can change its emotes" in str(await ModerationState.delete_emote.fn(bobs, zap))
    assert "Emote deleted." in str(await ModerationState.delete_emote.fn(owners, zap))
    await backend.users.set_role(OPERATOR_STAFF, bob.user_id, SiteRole.ADMIN)
    await ModerationState.refresh.fn(bobs)
    assert [emote.code for emote in bobs.emotes] == [":hype:"]
    await ModerationState.delete_emote.fn(bobs, hype)

    assert (bobs.emotes, await backend.emotes.of(channel_id)) == ([], [])
    assert [(entry.by, entry.description) for entry in bobs.log[:2]] == [
        ("Bob", "deleted the emote :hype:"),
        ("Ana", "deleted the emote :zap:"),
    ]


async def test_the_log_lists_actions_and_can_undo_them(
    backend: Backend, channel_id: str, ana: User, ana_token: str, bob: User
) -> None:
    page = await opened(ana_token)
    await backend.moderation.ban(channel_id, ana.user_id, "bob", "spam")
    await ModerationState.refresh.fn(page)
    [entry] = page.log
    assert (entry.by, entry.description, entry.reason, entry.can_be_undone) == ("Ana", "banned Bob", "spam", True)

    assert "Undone." in str(await ModerationState.undo.fn(page, str(entry.entry_id)))

    [entry] = page.log
    assert (entry.can_be_undone, entry.undone_by) == (False, "Ana")
    assert page.bans == []
    assert "already undid this" in str(await ModerationState.undo.fn(page, str(entry.entry_id)))


async def test_older_entries_of_the_log_are_loaded_by_page(
    backend: Backend, channel_id: str, ana: User, ana_token: str
) -> None:
    for number in range(PAGE + 1):
        await backend.chat_settings.set_rules(channel_id, ana.user_id, ChatRules(slow_seconds=number + 1))
    page = await opened(ana_token)
    assert (len(page.log), page.has_older) == (PAGE, True)

    await ModerationState.older.fn(page)

    assert (len(page.log), page.has_older) == (PAGE + 1, False)


async def test_held_messages_can_be_approved_or_rejected(
    backend: Backend, channel_id: str, ana_token: str, bob: User
) -> None:
    await backend.store.chat_settings.set_rules(
        channel_id, ChatRules(blocked_terms=("bad",), filtered=FilterAction.HELD), 0
    )
    await backend.chat.post(channel_id, bob.user_id, "so bad")
    await backend.chat.post(channel_id, bob.user_id, "very bad")
    page = await opened(ana_token)
    first, second = page.held
    assert (first.name, first.text, first.reason) == ("Bob", "so bad", "Blocked term: bad")

    assert "Message approved" in str(await ModerationState.approve.fn(page, str(first.message_id)))
    assert "Message rejected" in str(await ModerationState.reject.fn(page, str(second.message_id)))

    assert page.held == []
    assert [message.text for message in await backend.chat.recent(channel_id, 10)] == ["so bad"]
    assert "already reviewed" in str(await ModerationState.reject.fn(page, str(second.message_id)))


RULES = {
    "slow_seconds": "30",
    "followers_only_minutes": "",
    "account_age_minutes": "1h",
    "blocked_terms": "bad\r\n*evil*\r\n",
    "links": "listed",
    "allowed_hosts": "Example.com",
    "limits_caps": "on",
    "filtered": "held",
}


async def test_rules_typed_into_the_form_are_saved(backend: Backend, channel_id: str, ana_token: str) -> None:
    page = await opened(ana_token)
    version = page.rules_version

    await ModerationState.save_rules.fn(page, RULES)

    assert (await backend.store.chat_settings.rules_and_pinned(channel_id))[0] == ChatRules(
        slow_seconds=30,
        account_age_minutes=60,
        blocked_terms=("bad", "*evil*"),
        links=LinkPolicy.LISTED,
        allowed_hosts=("example.com",),
        limits_caps=True,
        limits_flood=False,
        filtered=FilterAction.HELD,
    )
    assert (page.rules.slow_seconds, page.rules.account_age_minutes) == ("30", "60")
    assert page.rules_version != version
    assert (await opened(ana_token)).rules_version == page.rules_version
    assert not page.rules_are_stale


async def test_refused_rules_show_errors_at_their_fields_and_keep_the_form(
    backend: Backend, channel_id: str, ana_token: str
) -> None:
    page = await opened(ana_token)
    version = page.rules_version

    await ModerationState.save_rules.fn(page, {**RULES, "slow_seconds": "often", "blocked_terms": "*"})

    assert "Use 0 (off)" in page.rules_errors.slow_seconds
    assert "“*”" in page.rules_errors.blocked_terms
    assert page.rules_version == version
    assert (await backend.store.chat_settings.rules_and_pinned(channel_id))[0] == ChatRules()
    await ModerationState.save_rules.fn(page, RULES)
    assert page.rules_errors == RulesErrors()


async def test_rules_changed_elsewhere_are_loaded_on_request(
    backend: Backend, channel_id: str, ana: User, ana_token: str
) -> None:
    page = await opened(ana_token)
    await backend.chat_settings.set_rules(channel_id, ana.user_id, ChatRules(slow_seconds=9))

    await ModerationState.refresh.fn(page)
    assert (page.rules_are_stale, page.rules.slow_seconds) == (True, "")
    await ModerationState.show_rules.fn(page)

    assert (page.rules_are_stale, page.rules.slow_seconds) == (False, "9")
