"""Attacks on the sign-in with providers: forged, replayed and foreign answers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.errors import NotFoundError
from tests.api.conftest import Browser
from tests.api.providers.conftest import come_back, pending_secret, result_of, sign_in, signed_in_as, start
from tests.rig.scripted_oidc import ScriptedOidc
from tests.rig.vk_server import VkServer

OTHER_KEY = RSAKey.generate_key(2048, {"kid": "first", "alg": "RS256"})


@pytest.mark.parametrize("verified", [True, False, None, "true"])
async def test_an_email_that_is_registered_is_never_linked_by_itself(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, ana: User, verified: object
) -> None:
    oidc.claims = {"email": "ANA@example.com", "email_verified": verified}

    ended = await sign_in(browser, oidc)

    assert ended.path == "/login/finish"
    assert await signed_in_as(browser) == ""
    assert await backend.store.identities.list_by_user(ana.user_id) == []


async def test_an_unverified_email_is_not_taken_over(browser: Browser, backend: Backend, oidc: ScriptedOidc) -> None:
    oidc.claims = {"email": "victim@example.com", "email_verified": False}
    await sign_in(browser, oidc)

    user = await backend.providers.linked_accounts.register(
        pending_secret(browser), "Nora", "nora@example.com", "192.0.2.1"
    )

    assert user.email == "nora@example.com"
    with pytest.raises(NotFoundError):
        await backend.store.users.get_by_login("victim@example.com")


async def test_a_changed_email_at_the_provider_does_not_change_who_signs_in(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, linked: User
) -> None:
    await backend.store.users.add(User("user-bob", "Bob", "bob@example.com", "", datetime.now(UTC)))
    oidc.claims = {"email": "bob@example.com"}

    await sign_in(browser, oidc)

    assert await signed_in_as(browser) == "Ana"


async def test_a_callback_can_be_used_once(browser: Browser, oidc: ScriptedOidc, linked: User) -> None:
    answer = oidc.answer(await start(browser))
    await come_back(browser, answer)
    await browser.client.delete("/api/auth/session")

    again = await come_back(browser, answer)

    assert (again.path, again.problem) == ("/login", "expired")
    assert await signed_in_as(browser) == ""


async def test_a_code_is_not_accepted_in_another_sign_in(browser: Browser, oidc: ScriptedOidc, linked: User) -> None:
    stolen = oidc.answer(await start(browser))
    own = oidc.answer(await start(browser))

    ended = await come_back(browser, {**own, "code": stolen["code"]})

    assert ended.problem == "failed"


async def test_an_attackers_answer_does_not_sign_a_victim_in(
    browser: Browser, other_browser: Browser, oidc: ScriptedOidc, linked: User
) -> None:
    attackers = oidc.answer(await start(other_browser))
    await start(browser)

    ended = await come_back(browser, attackers)

    assert ended.problem == "expired"
    assert await signed_in_as(browser) == ""


async def test_an_answer_without_the_browsers_cookie_is_refused(
    browser: Browser, oidc: ScriptedOidc, linked: User
) -> None:
    answer = oidc.answer(await start(browser))
    browser.client.cookies.clear()

    assert (await come_back(browser, answer)).problem == "expired"


@pytest.mark.parametrize("state", ["", "nonsense", "ä" * 300])
async def test_an_unknown_state_is_refused(browser: Browser, oidc: ScriptedOidc, linked: User, state: str) -> None:
    answer = oidc.answer(await start(browser), state=state)

    assert (await come_back(browser, answer)).problem == "expired"


async def test_the_answer_of_one_provider_is_not_accepted_from_another(
    browser: Browser, oidc: ScriptedOidc, linked: User
) -> None:
    answer = oidc.answer(await start(browser))

    assert (await come_back(browser, answer, "vk")).problem == "expired"


async def test_an_answer_that_names_another_issuer_is_refused(
    browser: Browser, oidc: ScriptedOidc, linked: User
) -> None:
    answer = oidc.answer(await start(browser), iss="https://evil.example")

    assert (await come_back(browser, answer)).problem == "failed"
    assert "/token" not in oidc.requests


async def test_a_provider_that_announces_to_name_itself_must_do_so(
    browser: Browser, oidc: ScriptedOidc, linked: User
) -> None:
    oidc.metadata = {"authorization_response_iss_parameter_supported": True}

    assert (await sign_in(browser, oidc)).problem == "failed"
    answer = oidc.answer(await start(browser), iss=oidc.issuer)
    assert (await come_back(browser, answer)).path == "/"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-site"},
        {"aud": ["another-site", "third-site"]},
        {"aud": None},
        {"azp": "another-site"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"email": ["ana@example.com"]},
    ],
)
async def test_an_id_token_for_another_purpose_is_refused(
    browser: Browser, oidc: ScriptedOidc, linked: User, claims: dict[str, Any]
) -> None:
    oidc.claims = claims

    ended = await sign_in(browser, oidc, next="/studio")

    assert (ended.path, ended.query) == ("/login", {"problem": "failed", "provider": "work", "next": "/studio"})
    assert await signed_in_as(browser) == ""


async def test_an_id_token_with_a_foreign_signature_is_refused(
    browser: Browser, oidc: ScriptedOidc, linked: User
) -> None:
    oidc.signing_key = OTHER_KEY

    assert (await sign_in(browser, oidc)).problem == "failed"


async def test_an_algorithm_that_the_provider_does_not_announce_is_refused(
    browser: Browser, oidc: ScriptedOidc, linked: User
) -> None:
    oidc.metadata = {"id_token_signing_alg_values_supported": ["none", "HS256", "ES256"]}

    assert (await sign_in(browser, oidc)).problem == "failed"


async def test_a_discovery_document_of_another_issuer_is_refused(browser: Browser, oidc: ScriptedOidc) -> None:
    oidc.metadata = {"issuer": "https://evil.example"}

    answer = await browser.client.get("/api/auth/providers/work/start")

    assert result_of(answer).problem == "failed"


@pytest.mark.parametrize("next_path", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"])
async def test_a_sign_in_does_not_redirect_to_other_sites(
    browser: Browser, oidc: ScriptedOidc, linked: User, next_path: str
) -> None:
    assert (await sign_in(browser, oidc, next=next_path)).path == "/"


async def test_other_sites_cannot_start_a_sign_in(browser: Browser, oidc: ScriptedOidc) -> None:
    answer = await browser.client.get("/api/auth/providers/work/start", headers={"sec-fetch-site": "cross-site"})

    assert result_of(answer).path == "/login"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("token", "user"),
    [
        ({"state": "of another sign-in"}, {}),
        ({"user_id": 7}, {}),
        ({"access_token": "unknown"}, {}),
        ({"access_token": None}, {}),
        ({}, {"user_id": "9"}),
        ({}, {"user_id": None}),
        ({}, {"email": 7}),
    ],
)
async def test_a_wrong_answer_of_vk_signs_nobody_in(
    browser: Browser, vk: VkServer, token: dict[str, Any], user: dict[str, Any]
) -> None:
    url = await start(browser, "vk")
    vk.token_changes = token
    answer = vk.answer(url)
    vk.profile_changes = user

    assert (await come_back(browser, answer, "vk")).problem == "failed"


async def test_a_vk_code_of_another_device_is_refused(browser: Browser, vk: VkServer) -> None:
    answer = vk.answer(await start(browser, "vk"))

    assert (await come_back(browser, {**answer, "device_id": "another"}, "vk")).problem == "failed"
