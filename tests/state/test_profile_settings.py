"""The profile in the settings."""

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.state.profile_settings import ProfileSettings
from streaming_app.state.session import SessionState
from streaming_app.state.watch import WatchState
from tests.rig.pictures import still
from tests.state.conftest import Tab

PAGE = "http://site.test/settings/profile"


async def save(state: ProfileSettings, name: str) -> str:
    """Submit the form and return the last event for the browser."""
    last = None
    async for event in ProfileSettings.save.fn(state, {"name": name}):
        last = event
    return str(last)


async def test_a_saved_name_is_shown_in_the_menu_and_on_the_channel(backend: Backend, ana_token: str) -> None:
    tab = Tab(PAGE, ana_token)
    state = await tab.state(ProfileSettings)

    await ProfileSettings.open.fn(state)
    await save(state, " Ana  of the Sea ")

    session = await tab.state(SessionState)
    assert (state.display_name, session.name, session.username) == ("Ana of the Sea", "Ana of the Sea", "Ana")
    assert session.initials == "AO"
    watch = await Tab("http://site.test/c/ana").state(WatchState)
    await WatchState.open.fn(watch)
    assert (watch.channel.name, watch.channel.slug, watch.channel.hue) == ("Ana of the Sea", "ana", session.hue)


async def test_a_refused_name_shows_the_error_at_the_field(backend: Backend, ana_token: str) -> None:
    state = await Tab(PAGE, ana_token).state(ProfileSettings)

    assert "focusFirstError" in await save(state, "A")

    assert "2 to 50 characters" in state.error
    assert (state.display_name, state.pending) == ("", False)


async def test_an_uploaded_picture_is_shown_until_it_is_removed(backend: Backend, ana: User, ana_token: str) -> None:
    tab = Tab(PAGE, ana_token)
    state, session = await tab.state(ProfileSettings), await tab.state(SessionState)
    await ProfileSettings.open.fn(state)

    user = await backend.profiles.set_avatar(ana, still("PNG"))
    await ProfileSettings.uploaded.fn(state, "", {}, "")
    assert session.avatar == f"/api/avatars/{user.avatar_id}"
    watch = await Tab("http://site.test/c/ana").state(WatchState)
    await WatchState.open.fn(watch)
    assert watch.channel.avatar == session.avatar

    await ProfileSettings.uploaded.fn(state, "", {"picture": "This image is damaged. Save it again."}, "")
    assert state.picture_error == "This image is damaged. Save it again."
    await ProfileSettings.remove_picture.fn(state)
    assert (state.picture_error, session.avatar) == ("", "")


async def test_signed_out_users_change_nothing(backend: Backend, ana: User) -> None:
    state = await Tab(PAGE).state(ProfileSettings)

    await ProfileSettings.open.fn(state)
    assert "signed out" in await save(state, "Nobody")
    assert "signed out" in str(await ProfileSettings.remove_picture.fn(state))

    assert await backend.store.users.get(ana.user_id) == ana
