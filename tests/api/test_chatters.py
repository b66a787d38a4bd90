"""The list of a channel's chatters."""

from datetime import UTC, datetime

from streaming_app.backend.accounts.model import User
from streaming_app.backend.api.chatters import CHATTERS_MAX
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.chat.model import Chatter
from streaming_app.backend.events import ViewersCounted
from tests.api.conftest import Browser, error_of


def _watch(backend: Backend, channel_id: str, process_id: str, *viewers: str) -> None:
    backend.audience.apply(
        ViewersCounted(
            at=datetime.now(UTC),
            channel_id=channel_id,
            process_id=process_id,
            viewers=len(viewers),
            whole=True,
            came=viewers,
        )
    )


async def test_chatters_are_listed_by_name_with_their_roles(browser: Browser, backend: Backend, ana: User) -> None:
    channel_id = (await backend.channels.get_or_create(ana)).channel_id
    await backend.store.chat_settings.add_moderator(channel_id, Chatter("user-mo", "Mo"))
    _watch(backend, channel_id, "p1", "@Mo", "x1", "@zoe")
    _watch(backend, channel_id, "p2", "@Ana", "@Mo", "x2")

    answer = await browser.client.get(f"/api/channels/{channel_id}/chatters")

    assert answer.json() == {
        "viewers": 5,
        "chatters": [
            {"name": "Ana", "role": "owner"},
            {"name": "Mo", "role": "moderator"},
            {"name": "zoe"},
        ],
    }


async def test_the_list_of_chatters_is_limited(browser: Browser, backend: Backend, ana: User) -> None:
    channel_id = (await backend.channels.get_or_create(ana)).channel_id
    _watch(backend, channel_id, "p1", *(f"@user{number:04}" for number in range(CHATTERS_MAX + 100)))

    answer = (await browser.client.get(f"/api/channels/{channel_id}/chatters")).json()

    assert answer["viewers"] == CHATTERS_MAX + 100
    assert [chatter["name"] for chatter in answer["chatters"]] == [f"user{n:04}" for n in range(CHATTERS_MAX)]


async def test_chatters_of_an_unknown_channel_return_404(browser: Browser) -> None:
    answer = await browser.client.get("/api/channels/nowhere/chatters")

    assert answer.status_code == 404
    assert error_of(answer)["message"] == "There is no such channel."
