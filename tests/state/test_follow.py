"""The follow button: its immediate state, and the stored follows."""

import pytest
from reflex.event import EventSpec

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.bootstrap import Backend
from streaming_app.state.follow import FollowIntent, FollowState
from streaming_app.state.session import SessionState, refresh_user
from streaming_app.state.watch import WatchState
from tests.state.conftest import PASSWORD, Tab

BOBS_PAGE = "http://site.test/c/bob"


@pytest.fixture
async def channel_id(backend: Backend) -> str:
    """The id of Bob's channel."""
    bob = await backend.accounts.register(Registration("Bob", "bob@example.com", PASSWORD), "192.0.2.1")
    return (await backend.channels.get_or_create(bob)).channel_id


async def opened(token: str = "", address: str = BOBS_PAGE) -> FollowState:
    """Return the state of a tab with the page of a channel."""
    tab = Tab(address, token)
    await refresh_user(await tab.state(SessionState))
    await WatchState.open.fn(await tab.state(WatchState))
    follow = await tab.state(FollowState)
    await FollowState.open.fn(follow)
    return follow


async def toggled(state: FollowState) -> list[tuple[bool, int, bool]]:
    """Return the successive states of the button."""
    shown = [(state.following, state.followers, state.pending) async for _ in FollowState.toggle.fn(state)]
    return [*shown, (state.following, state.followers, state.pending)]


async def events_of(state: FollowState) -> str:
    """Return the other events that are sent to the browser."""
    events: list[EventSpec | None] = [event async for event in FollowState.toggle.fn(state)]
    return str([event for event in events if event])


async def test_following_is_shown_at_once_and_stored(backend: Backend, channel_id: str, ana_token: str) -> None:
    state = await opened(ana_token)

    assert await toggled(state) == [(True, 1, True), (True, 1, False)]

    assert (await opened(ana_token)).following
    assert (await backend.follows.following(channel_id, "")).followers == 1


async def test_a_viewer_can_unfollow(backend: Backend, channel_id: str, ana: User, ana_token: str) -> None:
    await backend.follows.follow(channel_id, ana.user_id)
    state = await opened(ana_token)

    assert await toggled(state) == [(False, 0, True), (False, 0, False)]

    assert not (await backend.follows.following(channel_id, ana.user_id)).is_following


async def test_a_signed_out_viewer_sees_the_follower_count_and_is_sent_to_sign_in(
    backend: Backend, channel_id: str, ana: User
) -> None:
    await backend.follows.follow(channel_id, ana.user_id)
    state = await opened()
    assert (state.following, state.followers) == (False, 1)

    assert "/login?next=/c/bob" in await events_of(state)

    assert (state.following, state.followers, state.pending) == (False, 1, False)


async def test_a_refused_follow_shows_an_error_and_resets_the_button(
    backend: Backend, ana: User, ana_token: str
) -> None:
    await backend.channels.get_or_create(ana)
    state = await opened(ana_token, "http://site.test/c/ana")

    assert "follow your own channel" in await events_of(state)

    assert (state.following, state.followers, state.pending) == (False, 0, False)


async def test_clicks_while_a_follow_is_pending_are_ignored(
    backend: Backend, channel_id: str, ana: User, ana_token: str
) -> None:
    state = await opened(ana_token)
    state.pending = True

    assert await events_of(state) == "[]"

    assert not (await backend.follows.following(channel_id, ana.user_id)).is_following


async def test_a_page_without_a_channel_has_no_followers(backend: Backend, ana_token: str) -> None:
    state = await opened(ana_token, "http://site.test/c/nobody")

    assert (state.following, state.followers) == (False, 0)


async def test_a_follow_chosen_before_signing_in_is_made_and_confirmed_once(
    backend: Backend, channel_id: str, ana: User, ana_token: str
) -> None:
    state = await opened(ana_token)
    await remember(state, "bob")

    said = await FollowState.open.fn(state)

    assert "You follow Bob now." in str(said)
    assert (state.following, state.followers) == (True, 1)
    assert (await backend.follows.following(channel_id, ana.user_id)).is_following
    await backend.follows.unfollow(channel_id, ana.user_id)
    assert await FollowState.open.fn(state) is None
    assert not state.following


async def test_a_follow_is_made_only_signed_in_and_on_the_page_of_its_channel(
    backend: Backend, channel_id: str, ana: User, ana_token: str
) -> None:
    signed_out, elsewhere = await opened(), await opened(ana_token)
    await remember(signed_out, "bob")
    await remember(elsewhere, "another-channel")

    for state in (signed_out, elsewhere):
        assert await FollowState.open.fn(state) is None

    assert (await backend.follows.following(channel_id, ana.user_id)).followers == 0
    assert (await signed_out.get_state(FollowIntent)).slug_and_time.startswith("bob ")


@pytest.mark.parametrize("stored", ["bob 1000", "bob", "bob 99999999999", "bob soon", " ", "bob \u0663"])
async def test_an_old_or_invalid_intent_to_follow_is_ignored(
    backend: Backend, channel_id: str, ana_token: str, stored: str
) -> None:
    state = await opened(ana_token)
    (await state.get_state(FollowIntent)).slug_and_time = stored

    assert await FollowState.open.fn(state) is None

    assert (await backend.follows.following(channel_id, "")).followers == 0


async def test_an_intent_that_the_browser_sends_again_is_ignored(
    backend: Backend, channel_id: str, ana: User, ana_token: str
) -> None:
    state = await opened(ana_token)
    await remember(state, "bob")
    intent = await state.get_state(FollowIntent)
    stored = intent.slug_and_time
    await FollowState.open.fn(state)
    await backend.follows.unfollow(channel_id, ana.user_id)

    intent.slug_and_time = stored
    assert await FollowState.open.fn(state) is None

    assert not (await backend.follows.following(channel_id, ana.user_id)).is_following


async def remember(state: FollowState, slug: str) -> None:
    """Store an intent to follow in the tab of ``state``."""
    intent = await state.get_state(FollowIntent)
    FollowIntent.remember.fn(intent, slug)
