"""The name and the picture of a user, and their copies on the channel."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.image_processing import PillowPictures
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, RateLimitedError
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.streams.channel_service import ChannelLimits, ChannelService
from streaming_app.backend.streams.profiles import ProfileService
from tests.rig.faults import Faults, for_each_fault
from tests.rig.limits import unlimited
from tests.rig.pictures import still
from tests.unit.streams.conftest import OWNER, Studio

UPLOADS = 5


def profiles_of(studio: Studio, store: SqliteStore) -> ProfileService:
    limit = RateLimit(UPLOADS, timedelta(hours=1), lambda: 0.0, "Slow down.")
    limits = ChannelLimits(unlimited(), unlimited())
    channels = ChannelService(store.channels, store.streams, studio.keys, studio.bus, studio.clock, limits)
    return ProfileService(store.users, store.avatars, PillowPictures(), channels, limit, studio.clock)


@pytest.fixture
def profiles(studio: Studio) -> ProfileService:
    return profiles_of(studio, studio.store)


async def test_a_display_name_is_the_name_of_the_channel(studio: Studio, profiles: ProfileService) -> None:
    user = await profiles.set_display_name(OWNER, "  Ada\u202e   Lovelace ")

    assert user.shown_name == "Ada Lovelace"
    channel = await studio.channels.by_slug("ada")
    assert (channel.name, channel.slug) == ("Ada Lovelace", "ada")
    assert (await profiles.set_display_name(user, " ")).shown_name == "Ada"
    assert (await studio.channels.by_slug("ada")).name == "Ada"


@pytest.mark.parametrize("name", ["A", "x" * 51, "Admin", "M0derator"])
async def test_a_name_that_is_too_short_too_long_or_reserved_is_refused(
    studio: Studio, profiles: ProfileService, name: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await profiles.set_display_name(OWNER, name)

    assert refused.value.field == "display_name"
    assert (await studio.channels.by_slug("ada")).name == "Ada"


async def test_a_name_that_was_changed_at_the_same_time_is_kept(studio: Studio, profiles: ProfileService) -> None:
    await profiles.set_display_name(OWNER, "Ada Lovelace")

    with pytest.raises(ConflictError):
        await profiles.set_display_name(OWNER, "Countess Lovelace")

    assert (await studio.channels.by_slug("ada")).name == "Ada Lovelace"


async def test_a_suspended_user_changes_no_profile(profiles: ProfileService) -> None:
    suspended = replace(OWNER, banned=True)

    with pytest.raises(ForbiddenError):
        await profiles.set_display_name(suspended, "Ada Lovelace")
    with pytest.raises(ForbiddenError):
        await profiles.set_avatar(suspended, still("PNG"))


async def test_a_removed_picture_is_deleted(studio: Studio, profiles: ProfileService) -> None:
    user = await profiles.set_avatar(OWNER, still("PNG"))
    assert (await profiles.picture(user.avatar_id))[1]

    assert (await profiles.remove_avatar(user)).avatar_id == ""

    assert (await studio.channels.by_slug("ada")).avatar_id == ""
    with pytest.raises(NotFoundError):
        await profiles.picture(user.avatar_id)


async def test_of_several_simultaneous_uploads_one_is_shown_and_kept(studio: Studio, profiles: ProfileService) -> None:
    users: list[User] = await asyncio.gather(*(profiles.set_avatar(OWNER, still("PNG")) for _ in range(UPLOADS)))

    shown = (await studio.store.users.get(OWNER.user_id)).avatar_id
    assert (await profiles.picture(shown))[1]
    for other in {user.avatar_id for user in users} - {shown}:
        with pytest.raises(NotFoundError):
            await profiles.picture(other)


async def test_uploads_are_limited(profiles: ProfileService) -> None:
    for _ in range(UPLOADS):
        await profiles.set_avatar(OWNER, still("PNG"))

    with pytest.raises(RateLimitedError):
        await profiles.set_avatar(OWNER, still("PNG"))


async def test_an_interrupted_upload_is_repeated_and_the_shown_picture_exists(studio: Studio) -> None:
    async with AsyncExitStack() as stack:

        async def prepare(faults: Faults) -> ProfileService:
            store = await stack.enter_async_context(open_store(":memory:"))
            await store.users.add(OWNER)
            stores.append(store)
            return profiles_of(studio, faults.around(store))

        async def check(profiles: ProfileService) -> None:
            user = await stores[-1].users.get(OWNER.user_id)
            assert user.avatar_id
            assert (await profiles.picture(user.avatar_id))[1]
            assert (await stores[-1].channels.get_by_owner(OWNER.user_id)).avatar_id == user.avatar_id

        stores: list[SqliteStore] = []
        await for_each_fault(prepare, lambda profiles: profiles.set_avatar(OWNER, still("PNG")), check)
