"""Rate limits of what signed-in users do: each attempt counts, also a refused one."""

from collections.abc import Awaitable, Callable

import pytest

from streaming_app.backend import action_limits
from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.chat.command_handler import ModerationRequest
from streaming_app.backend.chat.model import ModerationAction
from streaming_app.backend.errors import DomainError, RateLimitedError
from streaming_app.backend.streams.model import Channel
from tests.rig.pictures import still

Act = Callable[[Backend, User, Channel], Awaitable[object]]


async def attempt(act: Act, backend: Backend, user: User, channel: Channel) -> type[Exception] | None:
    try:
        await act(backend, user, channel)
    except DomainError as refused:
        return type(refused)
    return None


@pytest.mark.parametrize(
    ("burst", "act"),
    [
        (
            action_limits.CHANGES,
            lambda backend, user, channel: backend.follows.follow(channel.channel_id, user.user_id),
        ),
        (
            action_limits.CHANGES,
            lambda backend, user, channel: backend.follows.unfollow(channel.channel_id, user.user_id),
        ),
        (action_limits.CHANGES, lambda backend, user, _: backend.channels.stream_key(user.user_id)),
        (action_limits.CHANGES, lambda backend, user, _: backend.channels.set_latency(user.user_id, "nonsense")),
        (action_limits.CHANGES, lambda backend, user, _: backend.channels.set_records(user.user_id, records=True)),
        (
            action_limits.CHANGES,
            lambda backend, user, _: backend.channels.set_title_and_category(user.user_id, "x" * 5000, ""),
        ),
        (action_limits.NEW_KEYS, lambda backend, user, _: backend.channels.rotate_key(user.user_id)),
        (
            action_limits.MODERATIONS,
            lambda backend, user, _: backend.command_handler.execute(
                "no-such-channel", user.user_id, ModerationRequest(ModerationAction.BAN, "bob")
            ),
        ),
        (
            action_limits.UPLOADS,
            lambda backend, user, _: backend.emotes.add("no-such-channel", user.user_id, "hi", still("PNG")),
        ),
    ],
)
async def test_a_user_who_acts_too_often_is_refused_and_others_are_not(
    backend: Backend, ana: User, burst: int, act: Act
) -> None:
    channel = await backend.channels.get_or_create(ana)

    before = [await attempt(act, backend, ana, channel) for _ in range(burst)]
    after = [await attempt(act, backend, ana, channel) for _ in range(burst)]
    other = await attempt(act, backend, User("u-other", "other", "other@example.com", "", ana.created_at), channel)

    assert RateLimitedError not in before
    assert RateLimitedError in after
    assert other is not RateLimitedError
