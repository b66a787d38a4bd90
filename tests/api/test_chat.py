"""Posting chat messages with an API token."""

from collections.abc import AsyncIterator

import httpx
import pytest

from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.model import ApiToken, User
from streaming_app.backend.accounts.secret_hash import hash_secret
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.chat.model import ChatRules, FilterAction
from streaming_app.backend.events import CHAT_TOPIC
from tests.api.conftest import Browser, error_of

Post = dict[str, object]


@pytest.fixture
async def channel_id(backend: Backend, ana: User) -> AsyncIterator[str]:
    """The id of Ana's channel. Its chat is archived."""
    async with backend.bus.subscribe([CHAT_TOPIC], backend.chat_archiver.handle, group="chat-archiver"):
        yield (await backend.channels.get_or_create(ana)).channel_id


@pytest.fixture
async def bot(backend: Backend) -> User:
    user = User("user-bot", "bot", "bot@example.com", "no hash", (await backend.store.users.get("user-ana")).created_at)
    await backend.store.users.add(user)
    return user


@pytest.fixture
async def secret(backend: Backend, ana: User, bot: User) -> str:
    return await backend.api_tokens.create(bot.user_id, NewToken("test", ("chat:write", "chat:moderate"), "7"))


async def post(browser: Browser, channel_id: str, body: Post, secret: str) -> httpx.Response:
    """Post as a program does, without cookies and origin."""
    browser.client.headers.pop("origin", None)
    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    return await browser.client.post(f"/api/channels/{channel_id}/messages", json=body, headers=headers)


async def test_a_bot_posts_a_message(
    browser: Browser, backend: Backend, ana: User, secret: str, channel_id: str
) -> None:
    answer = await post(browser, channel_id, {"text": "hello"}, secret)

    [message] = await backend.chat.recent(channel_id, 10)
    assert answer.status_code == 201
    assert answer.json() == {"status": "said", "id": message.message_id, "note": ""}
    assert (message.username, message.text) == ("bot", "hello")


async def test_a_bot_posts_a_reply(browser: Browser, backend: Backend, ana: User, secret: str, channel_id: str) -> None:
    await backend.chat.post(channel_id, ana.user_id, "what time is it?")
    [question] = await backend.chat.recent(channel_id, 10)

    await post(browser, channel_id, {"text": "noon", "reply_to": question.message_id}, secret)

    answer = (await backend.chat.recent(channel_id, 10))[1]
    assert answer.reply_to
    assert answer.reply_to.text == "what time is it?"


async def test_a_message_that_a_bot_sends_twice_is_posted_once(
    browser: Browser, backend: Backend, secret: str, channel_id: str
) -> None:
    answers = [await post(browser, channel_id, {"text": "hi", "id": "my-message-1"}, secret) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert [message.text for message in await backend.chat.recent(channel_id, 10)] == ["hi"]


async def test_the_answer_says_that_a_message_is_held(
    browser: Browser, backend: Backend, ana: User, secret: str, channel_id: str
) -> None:
    await backend.store.chat_settings.set_rules(
        channel_id, ChatRules(blocked_terms=("bad",), filtered=FilterAction.HELD), 0
    )

    answer = await post(browser, channel_id, {"text": "bad"}, secret)

    assert (answer.status_code, answer.json()["status"]) == (202, "held")


async def test_a_moderator_bot_can_use_commands(
    browser: Browser, backend: Backend, ana: User, secret: str, channel_id: str
) -> None:
    await backend.moderation.add_moderator(channel_id, ana.user_id, "bot")

    answer = await post(browser, channel_id, {"text": "/slow 5"}, secret)

    assert answer.status_code == 200
    assert answer.json() == {"status": "done", "id": None, "note": "Chat rules changed: slow mode 5 seconds."}


async def test_a_token_for_messages_does_not_moderate(
    browser: Browser, backend: Backend, ana: User, channel_id: str
) -> None:
    secret = await backend.api_tokens.create(ana.user_id, NewToken("test", ("chat:write",), "7"))

    said, helped, slowed = [
        await post(browser, channel_id, {"text": text}, secret) for text in ("hi", "/help", "/slow 5")
    ]

    assert [said.status_code, helped.status_code, slowed.status_code] == [201, 200, 403]
    assert "chat:moderate" in str(error_of(slowed)["message"])


async def test_a_token_without_the_scope_posts_nothing(
    browser: Browser, backend: Backend, ana: User, channel_id: str
) -> None:
    secret = await backend.api_tokens.create(ana.user_id, NewToken("test", ("chat:moderate", "profile:read"), "7"))

    assert (await post(browser, channel_id, {"text": "hi"}, secret)).status_code == 403


async def test_a_token_from_before_scopes_posts_and_moderates(
    browser: Browser, backend: Backend, ana: User, channel_id: str
) -> None:
    await backend.store.api_tokens.add(
        ApiToken("t-old", ana.user_id, "old", hash_secret("sat_old"), ana.created_at), 10
    )

    answers = [await post(browser, channel_id, {"text": text}, "sat_old") for text in ("hi", "/slow 5")]

    assert [answer.status_code for answer in answers] == [201, 200]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ""}, 422, "invalid"),
        ({}, 422, "invalid"),
        ({"text": 5}, 422, "invalid"),
        ({"text": "x" * 9000}, 422, "invalid"),
        ({"text": "x" * 501}, 422, "invalid"),
        ({"text": "hi", "reply_to": "nonsense"}, 404, "not_found"),
        ({"text": "hi", "id": "no id"}, 422, "invalid"),
        ({"text": "/ban ana"}, 403, "forbidden"),
    ],
)
async def test_a_refused_request_has_its_status_and_error_code(
    browser: Browser, secret: str, channel_id: str, body: Post, status: int, code: str
) -> None:
    answer = await post(browser, channel_id, body, secret)

    assert answer.status_code == status
    assert error_of(answer)["code"] == code


async def test_an_unknown_channel_returns_404(browser: Browser, secret: str) -> None:
    assert (await post(browser, "nonsense", {"text": "hi"}, secret)).status_code == 404


@pytest.mark.parametrize("secret", ["", "sat_nonsense"])
async def test_a_request_without_a_valid_token_is_refused(browser: Browser, channel_id: str, secret: str) -> None:
    answer = await post(browser, channel_id, {"text": "hi"}, secret)

    assert answer.status_code == 401
    assert "API token" in str(error_of(answer)["message"])


async def test_a_session_cookie_is_not_accepted_as_a_token(browser: Browser, ana: User, channel_id: str) -> None:
    await browser.sign_in(ana)

    assert (await post(browser, channel_id, {"text": "hi"}, "")).status_code == 401


async def test_an_api_token_is_not_accepted_by_other_endpoints(browser: Browser, secret: str) -> None:
    answer = await browser.client.get("/api/users/me", headers={"authorization": f"Bearer {secret}"})

    assert answer.status_code == 401


async def test_a_rate_limited_bot_gets_retry_after(
    browser: Browser, backend: Backend, secret: str, channel_id: str
) -> None:
    answers = [
        await post(browser, channel_id, {"text": f"line {n}"}, secret) for n in range(backend.settings.chat_burst + 2)
    ]

    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"] == "1"
