"""The state of the studio: the hidden stream key, and clearing at the end of the session."""

import pytest

from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.adapters.stream_keys import SealedStreamKeys
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.errors import ForbiddenError, NotSignedInError
from streaming_app.backend.events import VIEWS_TOPIC
from streaming_app.backend.streams.model import Latency, Publisher
from streaming_app.state.session import SessionState, acting_user, refresh_user
from streaming_app.state.studio import StudioState
from streaming_app.state.studio_refused_publishers import StudioRefusals
from tests.rig.conditions import until
from tests.state.conftest import Tab

OBS = Publisher("1", "127.0.0.1", "OBS")


async def opened_studio(tab: Tab) -> StudioState:
    await refresh_user(await tab.state(SessionState))
    studio = await tab.state(StudioState)
    await StudioState.open.fn(studio)
    return studio


async def secret_of_ana(backend: Backend) -> str:
    ana = await backend.store.users.get_by_login("ana")
    return (await backend.channels.stream_key(ana.user_id)).partition("?key=")[2]


async def test_the_studio_opens_with_the_channel_of_the_user(backend: Backend, ana_token: str) -> None:
    studio = await opened_studio(Tab(token=ana_token))

    assert studio.channel.slug == "ana"
    assert studio.channel.state == "offline"
    assert studio.server == "rtmp://site.test/live"
    assert studio.channel_url == "http://site.test/c/ana"


@pytest.mark.parametrize("token", ["", "forged"])
async def test_a_signed_out_user_is_redirected_to_sign_in_and_sees_no_data(backend: Backend, token: str) -> None:
    studio = await Tab(token=token).state(StudioState)

    sent = await StudioState.open.fn(studio)

    assert "/login?next=/studio" in str(sent)
    assert studio.channel.channel_id == ""


async def test_the_key_is_not_in_the_page_until_it_is_shown(backend: Backend, ana_token: str) -> None:
    tab = Tab(token=ana_token)
    studio = await opened_studio(tab)
    secret = await secret_of_ana(backend)
    assert secret not in tab.shown()

    await StudioState.show_key.fn(studio)
    assert tab.shown().count(secret) == 3  # the key that is shown, and the key in the command

    await StudioState.show_key.fn(studio)
    assert secret not in tab.shown()


@pytest.mark.parametrize("action", ["show_key", "copy_key", "copy_command"])
async def test_a_key_encrypted_with_another_secret_is_reported_until_it_is_replaced(
    backend: Backend, ana_token: str, action: str
) -> None:
    studio = await opened_studio(Tab(token=ana_token))
    before = SealedStreamKeys(hash_key=b"h" * 32, seal_key=b"s" * 32)
    await backend.store.channels.update(
        studio.channel.channel_id, key_hash=before.hash("old"), key_sealed=before.seal("old")
    )

    said = await getattr(StudioState, action).fn(studio)
    assert "because the server's SECRET_KEY changed. Create a new key." in str(said)
    assert studio.stream_key == ""

    await StudioState.rotate_key.fn(studio)
    await StudioState.show_key.fn(studio)
    assert studio.stream_key


async def test_the_key_can_be_copied_without_being_shown(backend: Backend, ana_token: str) -> None:
    tab = Tab(token=ana_token)
    studio = await opened_studio(tab)
    secret = await secret_of_ana(backend)

    assert secret in str(await StudioState.copy_key.fn(studio))
    assert f"?key={secret}" in str(await StudioState.copy_command.fn(studio))
    assert secret not in tab.shown()


async def test_a_reloaded_page_hides_the_key_again(backend: Backend, ana_token: str) -> None:
    tab = Tab(token=ana_token)
    studio = await opened_studio(tab)
    await StudioState.show_key.fn(studio)

    await StudioState.open.fn(studio)

    assert await secret_of_ana(backend) not in tab.shown()


async def test_a_new_key_replaces_the_old_one(backend: Backend, ana_token: str) -> None:
    tab = Tab(token=ana_token)
    studio = await opened_studio(tab)
    channel_id, old = str(studio.channel.channel_id), await secret_of_ana(backend)

    await StudioState.rotate_key.fn(studio)

    with pytest.raises(ForbiddenError):
        await backend.streams.start(channel_id, old, OBS)
    await backend.streams.start(channel_id, await secret_of_ana(backend), OBS)


async def test_the_page_shows_live_when_the_publisher_arrives(backend: Backend, ana_token: str) -> None:
    studio = await opened_studio(Tab(token=ana_token))
    channel_id = str(studio.channel.channel_id)

    await backend.streams.start(channel_id, await secret_of_ana(backend), OBS)
    await StudioState.refresh.fn(studio, "live")
    assert studio.channel.state == "live"
    assert studio.channel.started_at != ""

    await backend.streams.publisher_gone(channel_id, OBS.client_id)
    await StudioState.refresh.fn(studio, "reconnecting")
    assert studio.channel.state == "reconnecting"
    assert studio.waiting_since != ""

    await StudioState.end_stream.fn(studio)
    assert studio.channel.state == "offline"
    assert studio.waiting_since == ""


async def test_the_studio_counts_down_after_the_end_and_can_allow_the_encoder_earlier(
    backend: Backend, ana_token: str
) -> None:
    studio = await opened_studio(Tab(token=ana_token))
    channel_id, secret = str(studio.channel.channel_id), await secret_of_ana(backend)
    await backend.streams.start(channel_id, secret, OBS)
    await StudioState.refresh.fn(studio, "live")
    assert (studio.held_seconds, studio.end_hold) == (0, "1 min")

    await StudioState.end_stream.fn(studio)
    assert 0 < studio.held_seconds <= 60
    with pytest.raises(ForbiddenError):
        await backend.streams.start(channel_id, secret, OBS)
    await StudioState.allow_restart.fn(studio)

    assert studio.held_seconds == 0
    await backend.streams.start(channel_id, secret, OBS)


async def test_the_studio_shows_refused_publishers(backend: Backend, ana_token: str) -> None:
    tab = Tab(token=ana_token)
    studio = await opened_studio(tab)
    channel_id = str(studio.channel.channel_id)
    shown = await tab.state(StudioRefusals)

    async with backend.bus.subscribe([VIEWS_TOPIC], backend.refused_publishers.handle):
        await backend.refused_publishers.record(channel_id, OBS, "The key is wrong.")
        await until(lambda: bool(backend.refused_publishers.newest(channel_id)), "it was heard")
    await StudioRefusals.open.fn(shown)

    [refusal] = shown.refusals
    assert (refusal.address, refusal.software, refusal.reason) == ("127.0.0.1", "OBS", "The key is wrong.")


@pytest.mark.parametrize(
    ("title", "category", "field"), [("  ", "", "title"), ("x" * 141, "", "title"), ("Chess", "y" * 41, "category")]
)
async def test_an_invalid_title_or_category_is_an_error_of_its_field(
    backend: Backend, ana_token: str, title: str, category: str, field: str
) -> None:
    studio = await opened_studio(Tab(token=ana_token))

    await StudioState.describe.fn(studio, {"title": title, "category": category})

    assert getattr(studio, f"{field}_error") != ""
    assert studio.channel.title == "Ana's stream"


async def test_a_new_title_and_category_are_saved(backend: Backend, ana_token: str) -> None:
    studio = await opened_studio(Tab(token=ana_token))

    await StudioState.describe.fn(studio, {"title": " Chess  at night ", "category": "Chess"})

    assert (studio.channel.title, studio.channel.category) == ("Chess at night", "Chess")
    assert (await backend.channels.by_slug("ana")).title == "Chess at night"


async def test_a_chosen_delay_is_saved_and_confirmed(backend: Backend, ana_token: str) -> None:
    studio = await opened_studio(Tab(token=ana_token))
    assert studio.channel.latency == "low"

    returned = await StudioState.set_latency.fn(studio, "realtime")

    assert "Saved. Viewers of a live stream switch within a few seconds." in str(returned)
    assert studio.channel.latency == "realtime"
    assert (await backend.channels.by_slug("ana")).latency is Latency.REALTIME


async def test_an_unknown_delay_is_refused(backend: Backend, ana_token: str) -> None:
    studio = await opened_studio(Tab(token=ana_token))

    returned = await StudioState.set_latency.fn(studio, "yesterday")

    assert "Unknown delay" in str(returned)
    assert studio.channel.latency == "low"


ARGUMENTS: dict[str, list[object]] = {"describe": [{"title": "stolen", "category": ""}], "set_latency": ["realtime"]}
"""Arguments of the actions that have any."""


@pytest.mark.parametrize(
    "action",
    ["show_key", "copy_key", "copy_command", "rotate_key", "end_stream", "allow_restart", "describe", "set_latency"],
)
async def test_actions_after_the_session_has_ended_are_refused_and_clear_the_page(
    backend: Backend, ana_token: str, action: str
) -> None:
    tab = Tab(token=ana_token)
    studio = await opened_studio(tab)
    secret = await secret_of_ana(backend)
    await backend.accounts.sessions.sign_out(ana_token)

    returned = await getattr(StudioState, action).fn(studio, *ARGUMENTS.get(action, []))

    assert "signed out" in str(returned)
    assert await secret_of_ana(backend) == secret
    assert secret not in tab.shown()
    assert studio.channel.channel_id == ""
    assert studio.username == ""


async def test_refreshing_the_user_clears_the_page_of_an_ended_session(backend: Backend, ana_token: str) -> None:
    tab = Tab(token=ana_token)
    studio = await opened_studio(tab)
    await StudioState.show_key.fn(studio)
    secret = await secret_of_ana(backend)
    await backend.accounts.sessions.sign_out(ana_token)

    await refresh_user(await tab.state(SessionState))

    assert secret not in tab.shown()
    assert studio.channel.channel_id == ""


async def test_the_session_is_read_again_for_every_action(backend: Backend, ana_token: str) -> None:
    session = await Tab(token=ana_token).state(SessionState)
    assert (await acting_user(session)).username == "Ana"

    await backend.users.suspend(OPERATOR_STAFF, (await backend.users.find("ana")).user_id, "", "no end")

    with pytest.raises(NotSignedInError):
        await acting_user(session)
