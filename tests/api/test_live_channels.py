"""The public list of live channels."""

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.streams.model import Publisher
from tests.api.conftest import Browser


async def test_nobody_is_live_at_first(browser: Browser) -> None:
    answer = await browser.client.get("/api/channels/live")

    assert answer.status_code == 200
    assert answer.json() == {"channels": []}


async def test_a_stream_is_listed_while_it_runs(browser: Browser, backend: Backend, ana: User) -> None:
    channel = await backend.channels.get_or_create(ana)
    await backend.channels.set_title_and_category(ana.user_id, "Chess & <b>chat</b>", "Chess")
    key = await backend.channels.stream_key(ana.user_id)
    await backend.streams.start(channel.channel_id, key.partition("?key=")[2], Publisher("1", "127.0.0.1", "OBS"))

    [live] = (await browser.client.get("/api/channels/live")).json()["channels"]

    assert live["slug"] == "ana"
    assert live["title"] == "Chess & <b>chat</b>"
    assert live["state"] == "live"
    assert live["viewers"] == 0
    assert live["playlist"] == f"/hls/{channel.channel_id}/index.m3u8"
    assert key not in str(live)
    assert "127.0.0.1" not in str(live)
