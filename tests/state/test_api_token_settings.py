"""The API tokens in the settings."""

from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.bootstrap import Backend
from streaming_app.state.api_token_settings import ApiTokenSettings, TokenErrors
from tests.state.conftest import Tab

SETTINGS = "http://site.test/settings/tokens"
FORM = {"name": "quiz bot", "chat:write": "on", "lifetime": "30"}


async def test_a_new_token_is_shown_once(backend: Backend, ana: User, ana_token: str) -> None:
    state = await Tab(SETTINGS, ana_token).state(ApiTokenSettings)

    await ApiTokenSettings.create.fn(state, FORM)
    secret = state.secret
    await ApiTokenSettings.open.fn(state)

    user, token = await backend.api_tokens.verify(secret)
    assert (user.user_id, token.scopes) == (ana.user_id, ("chat:write",))
    assert [(each.name, each.scopes, each.is_expired) for each in state.tokens] == [("quiz bot", ["chat:write"], False)]
    assert state.secret == ""


async def test_each_wrong_field_has_an_error(backend: Backend, ana: User, ana_token: str) -> None:
    state = await Tab(SETTINGS, ana_token).state(ApiTokenSettings)

    await ApiTokenSettings.create.fn(state, {})

    assert state.errors == TokenErrors(
        "Enter a name, such as “quiz bot”.", "Choose what the token may do.", "Choose how long the token is valid."
    )
    assert await backend.api_tokens.list_by_user(ana.user_id) == []


async def test_a_user_revokes_only_their_own_tokens(backend: Backend, ana: User, ana_token: str) -> None:
    bob = await backend.accounts.register(Registration("Bob", "bob@example.com", "correct horse"), "192.0.2.2")
    for user in (ana, bob):
        await backend.api_tokens.create(user.user_id, NewToken("bot", ("chat:write",), "never"))
    state = await Tab(SETTINGS, ana_token).state(ApiTokenSettings)
    await ApiTokenSettings.open.fn(state)

    for token in await backend.api_tokens.list_by_user(bob.user_id):
        await ApiTokenSettings.revoke.fn(state, token.token_id)
    assert len(state.tokens) == 1
    await ApiTokenSettings.revoke.fn(state, state.tokens[0].token_id)

    assert state.tokens == []
    assert len(await backend.api_tokens.list_by_user(bob.user_id)) == 1


async def test_a_visitor_sees_and_creates_no_tokens(backend: Backend, ana: User) -> None:
    await backend.api_tokens.create(ana.user_id, NewToken("bot", ("chat:write",), "never"))
    state = await Tab(SETTINGS).state(ApiTokenSettings)

    await ApiTokenSettings.open.fn(state)
    refusal = await ApiTokenSettings.create.fn(state, FORM)

    assert state.tokens == []
    assert state.secret == ""
    assert "signed out" in str(refusal)
