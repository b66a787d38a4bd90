"""Bodies and forms with fields that their sender may not set."""

from dataclasses import asdict
from typing import Any

import httpx
import pytest

from streaming_app.backend.accounts.cookies import SESSION_COOKIE
from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.bootstrap import Backend
from streaming_app.state.account_forms import RegisterState
from streaming_app.state.studio import StudioState
from tests.security.conftest import ORIGIN, token_of
from tests.security.test_routes import WRITES, Target
from tests.security.victim import PASSWORD, Victim
from tests.state.conftest import Tab

SMUGGLED = {
    **dict.fromkeys(("role", "site_role"), "admin"),
    **dict.fromkeys(("is_admin", "is_banned", "email_confirmed", "fresh", "__class__", "constructor"), True),
    **dict.fromkeys(("generation", "session_generation"), 99),
    **dict.fromkeys(("password_hash", "email", "created_at", "expires_at"), "smuggled"),
}


async def stored(backend: Backend, user_id: str) -> dict[str, Any]:
    """Return all fields of a stored user."""
    return asdict(await backend.store.users.get(user_id))


@pytest.mark.parametrize("target", WRITES, ids=str)
async def test_further_fields_of_a_body_are_not_stored(
    backend: Backend, client: httpx.AsyncClient, victim: Victim, stranger: User, target: Target
) -> None:
    cookie = {"cookie": f"{SESSION_COOKIE}={await token_of(backend, stranger)}", "origin": ORIGIN}
    before = await stored(backend, stranger.user_id), await stored(backend, victim.user.user_id)
    body = {**dict.fromkeys(target.body_names, "text"), **SMUGGLED}
    body |= {"user_id": victim.user.user_id, "channel_id": victim.channel_id, "owner_id": victim.user.user_id}

    for url in target.urls(["bob", stranger.user_id]):
        await client.request(target.method, url, headers=cookie, json=body)

    assert (await stored(backend, stranger.user_id), await stored(backend, victim.user.user_id)) == before


async def test_a_registration_form_cannot_set_a_role_or_an_id(backend: Backend, victim: Victim) -> None:
    form = {"username": "Mallory", "email": "mallory@example.com", "password": PASSWORD, "user_id": victim.user.user_id}
    state = await Tab("http://site.test/register").state(RegisterState)

    async for _ in RegisterState.submit.fn(state, {**{name: str(value) for name, value in SMUGGLED.items()}, **form}):
        pass

    mallory = await backend.store.users.get_by_login("mallory")
    assert mallory.user_id != victim.user.user_id
    assert mallory.site_role == SiteRole.USER
    assert mallory.email == "mallory@example.com"


async def test_the_form_of_a_channel_changes_only_the_channel_of_its_sender(
    backend: Backend, victim: Victim, stranger: User
) -> None:
    before = await backend.channels.get(victim.channel_id)
    state = await Tab(token=await token_of(backend, stranger)).state(StudioState)

    form = {"title": "Mine", "category": "", "channel_id": victim.channel_id, "slug": "ana", "records": "on"}
    await StudioState.describe.fn(state, form)

    assert await backend.channels.get(victim.channel_id) == before
    assert (await backend.channels.by_slug("bob")).title == "Mine"
