"""Emotes in the studio: only the channel's owner sees and deletes them."""

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.bootstrap import Backend
from streaming_app.state.session import SessionState, refresh_user
from streaming_app.state.studio import StudioState
from streaming_app.state.studio_emotes import StudioEmotes
from tests.rig.pictures import still
from tests.state.conftest import PASSWORD, Tab


async def with_emote(backend: Backend, user: User, name: str) -> str:
    """Add an emote to the user's channel, and return its id."""
    channel = await backend.channels.get_or_create(user)
    return (await backend.emotes.add(channel.channel_id, user.user_id, name, still("PNG"))).emote_id


async def studio(token: str) -> StudioEmotes:
    """Return the state of a tab with the studio."""
    tab = Tab("http://site.test/studio", token)
    await refresh_user(await tab.state(SessionState))
    await StudioState.open.fn(await tab.state(StudioState))
    emotes = await tab.state(StudioEmotes)
    await StudioEmotes.open.fn(emotes)
    return emotes


async def test_an_owner_sees_their_emotes_by_name(backend: Backend, ana: User, ana_token: str) -> None:
    await with_emote(backend, ana, "zap")
    await with_emote(backend, ana, "hype")

    emotes = await studio(ana_token)

    assert [emote.code for emote in emotes.emotes] == [":hype:", ":zap:"]
    assert emotes.emotes[0].picture.startswith("/api/channels/")


async def test_an_added_emote_is_shown(backend: Backend, ana: User, ana_token: str) -> None:
    emotes = await studio(ana_token)
    await with_emote(backend, ana, "hype")

    returned = await StudioEmotes.answered.fn(emotes, "hype", {}, "")

    assert "Chatters can now use :hype:." in str(returned)
    assert [emote.code for emote in emotes.emotes] == [":hype:"]


async def test_an_owner_deletes_an_emote(backend: Backend, ana: User, ana_token: str) -> None:
    emote_id = await with_emote(backend, ana, "hype")
    emotes = await studio(ana_token)

    returned = await StudioEmotes.delete.fn(emotes, emote_id)

    assert "Emote deleted." in str(returned)
    assert emotes.emotes == []


async def test_a_user_cannot_delete_emotes_of_another_channel(backend: Backend, ana: User, ana_token: str) -> None:
    bob = await backend.accounts.register(Registration("Bob", "bob@example.com", PASSWORD), "192.0.2.1")
    emote_id = await with_emote(backend, bob, "hype")
    emotes = await studio(ana_token)

    await StudioEmotes.delete.fn(emotes, emote_id)

    bobs = await backend.channels.get_or_create(bob)
    assert [emote.emote_id for emote in await backend.emotes.of(bobs.channel_id)] == [emote_id]


async def test_a_signed_out_user_cannot_see_or_delete_emotes(backend: Backend, ana: User) -> None:
    emote_id = await with_emote(backend, ana, "hype")
    emotes = await studio("")

    returned = await StudioEmotes.delete.fn(emotes, emote_id)

    assert emotes.emotes == []
    assert "You are signed out" in str(returned)
