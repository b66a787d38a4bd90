"""Sign-in with providers through the real API, against real servers of providers."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from pyotp.totp import TOTP

from streaming_app.backend.accounts.authenticator_app import AuthenticatorApp
from streaming_app.backend.accounts.cookies import PENDING_IDENTITY_COOKIE, PROVIDER_BROWSER_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.providers.model import Identity
from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.bootstrap import Backend, now
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import ConflictError, InvalidError, NotFoundError, ReauthenticationNeededError
from streaming_app.backend.setting_types import OidcClient
from tests.api.conftest import HOST, ORIGIN, Browser
from tests.rig.ports import HOST as LOCALHOST
from tests.rig.ports import free_port
from tests.rig.scripted_oidc import CLIENT_ID, CLIENT_SECRET, ScriptedOidc, scripted_oidc
from tests.rig.serving import mute, serving
from tests.rig.vk_server import CLIENT_ID as VK_CLIENT_ID
from tests.rig.vk_server import VkServer

OTHER_KEY = RSAKey.generate_key(2048, {"kid": "first", "alg": "RS256"})


@pytest.fixture
async def oidc() -> AsyncIterator[ScriptedOidc]:
    async with scripted_oidc() as provider:
        yield provider


@pytest.fixture
async def vk() -> AsyncIterator[VkServer]:
    server = VkServer()
    async with serving(server.app, server.port):
        yield server


@pytest.fixture
def absent_port() -> int:
    """A port on which nothing listens, the port of the provider ``absent``."""
    return free_port()


@pytest.fixture
def settings(tmp_path: Path, oidc: ScriptedOidc, vk: VkServer, absent_port: int) -> Settings:
    def client(provider_id: str, issuer: str) -> OidcClient:
        return OidcClient(
            id=provider_id,
            name=provider_id.title(),
            issuer=issuer,
            client_id=CLIENT_ID,
            client_secret=SecretStr(CLIENT_SECRET),
        )

    return Settings.model_validate(
        {
            "data_dir": tmp_path / "data",
            "supervise": frozenset[str](),
            "public_url": ORIGIN,
            "oidc_providers": (client("work", oidc.issuer), client("absent", f"http://{LOCALHOST}:{absent_port}")),
            "vk_client_id": VK_CLIENT_ID,
            "vk_id_url": vk.url,
        }
    )


@dataclass
class Result:
    """Where a sign-in ended."""

    path: str
    query: dict[str, str]

    @property
    def problem(self) -> str:
        """Return the problem that the page explains."""
        return self.query.get("problem", "")


def result_of(answer: httpx.Response) -> Result:
    assert answer.status_code == 303, answer.text
    url = urlsplit(answer.headers["location"])
    assert not url.netloc
    return Result(url.path, {name: values[0] for name, values in parse_qs(url.query).items()})


async def start(browser: Browser, provider: str = "work", **query: str) -> str:
    """Start a sign-in, and return the URL of the provider's page."""
    answer = await browser.client.get(f"/api/auth/providers/{provider}/start", params=query)
    assert answer.status_code == 303
    return answer.headers["location"]


async def come_back(browser: Browser, query: dict[str, str], provider: str = "work") -> Result:
    return result_of(await browser.client.get(f"/api/auth/providers/{provider}/callback", params=query))


async def sign_in(browser: Browser, oidc: ScriptedOidc, **query: str) -> Result:
    return await come_back(browser, oidc.answer(await start(browser, **query)))


async def signed_in_as(browser: Browser) -> str:
    answer = await browser.client.get("/api/users/me")
    return answer.json()["username"] if answer.status_code == 200 else ""


def pending_secret(browser: Browser) -> str:
    return browser.client.cookies.get(PENDING_IDENTITY_COOKIE) or ""


@pytest.fixture
async def linked(backend: Backend, ana: User) -> User:
    """Ana, who has linked her account at the provider ``work``."""
    await backend.store.identities.add(Identity("work", "user-1", ana.user_id, "ana@example.com", datetime.now(UTC)))
    return ana


@pytest.fixture
async def other_browser(api: FastAPI, backend: Backend) -> AsyncIterator[Browser]:
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN}) as client:
        yield Browser(client, backend)


async def test_a_user_signs_in_with_a_linked_identity(browser: Browser, oidc: ScriptedOidc, linked: User) -> None:
    ended = await sign_in(browser, oidc, next="/c/ana?t=1")

    assert (ended.path, ended.query) == ("/c/ana", {"t": "1"})
    assert await signed_in_as(browser) == "Ana"


async def test_the_cookie_that_binds_a_sign_in_to_the_browser_is_short_lived_and_hidden(
    browser: Browser, linked: User
) -> None:
    answer = await browser.client.get("/api/auth/providers/work/start")

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{PROVIDER_BROWSER_COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=600"} <= set(cookie.split("; "))


async def test_state_nonce_and_challenge_differ_in_each_sign_in(browser: Browser, oidc: ScriptedOidc) -> None:
    urls = [await start(browser) for _ in range(2)]

    first, second = (parse_qs(urlsplit(url).query) for url in urls)
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))
    assert first["redirect_uri"] == [f"{ORIGIN}/api/auth/providers/work/callback"]
    assert first["scope"] == ["openid email profile"]


async def test_discovery_document_and_keys_are_fetched_once(browser: Browser, oidc: ScriptedOidc, linked: User) -> None:
    for _ in range(3):
        await sign_in(browser, oidc)

    assert oidc.requests.count("/.well-known/openid-configuration") == 1
    assert oidc.requests.count("/jwks") == 1


async def test_an_unknown_identity_asks_for_a_username_and_signs_nobody_in(
    browser: Browser, backend: Backend, oidc: ScriptedOidc
) -> None:
    ended = await sign_in(browser, oidc, next="/c/somebody")

    assert ended.path == "/login/finish"
    assert await signed_in_as(browser) == ""
    pending = await backend.providers.sign_in.pending_identity(pending_secret(browser))
    assert (pending.email, pending.email_verified, pending.next_path) == ("ana@example.com", True, "/c/somebody")


async def test_a_new_user_gets_the_verified_email_and_no_password(
    browser: Browser, backend: Backend, oidc: ScriptedOidc
) -> None:
    await sign_in(browser, oidc)

    user = await backend.providers.linked_accounts.register(
        pending_secret(browser), "Nora", "other@example.com", "192.0.2.1"
    )

    assert (user.username, user.email, user.has_password) == ("Nora", "ana@example.com", False)
    assert (await sign_in(browser, oidc)).path == "/"
    assert await signed_in_as(browser) == "Nora"


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


@pytest.mark.parametrize("nonsense", ["/token", "/jwks", "/.well-known"])
async def test_a_provider_that_answers_nonsense_leads_back_to_the_sign_in_page(
    browser: Browser, oidc: ScriptedOidc, linked: User, nonsense: str
) -> None:
    oidc.nonsense = nonsense
    started = await browser.client.get("/api/auth/providers/work/start")
    if started.headers["location"].startswith(oidc.issuer):
        ended = await come_back(browser, oidc.answer(started.headers["location"]))
    else:
        ended = result_of(started)

    assert (ended.path, ended.problem) == ("/login", "failed")
    oidc.nonsense = ""
    assert (await sign_in(browser, oidc)).path == "/"


async def test_a_provider_that_is_down_leads_back_and_others_keep_working(
    browser: Browser, oidc: ScriptedOidc, linked: User
) -> None:
    answer = await browser.client.get("/api/auth/providers/absent/start", params={"next": "/studio"})

    ended = result_of(answer)
    assert (ended.path, ended.query) == ("/login", {"problem": "failed", "provider": "absent", "next": "/studio"})
    assert (await sign_in(browser, oidc)).path == "/"


async def test_a_provider_that_never_answers_leads_back(
    browser: Browser, absent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming_app.backend.adapters.sign_in_providers.oauth_client.DEADLINE_SECONDS", 0.2)
    async with mute(absent_port):
        answer = await browser.client.get("/api/auth/providers/absent/start")

    assert result_of(answer).problem == "failed"


async def test_a_user_who_declines_can_try_again(browser: Browser, oidc: ScriptedOidc) -> None:
    answer = oidc.answer(await start(browser, next="/studio"))
    declined = {"state": answer["state"], "error": "access_denied", "error_description": "<script>"}

    ended = await come_back(browser, declined)

    assert (ended.path, ended.query) == ("/login", {"problem": "declined", "provider": "work", "next": "/studio"})


@pytest.mark.parametrize("next_path", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"])
async def test_a_sign_in_does_not_redirect_to_other_sites(
    browser: Browser, oidc: ScriptedOidc, linked: User, next_path: str
) -> None:
    assert (await sign_in(browser, oidc, next=next_path)).path == "/"


async def test_other_sites_cannot_start_a_sign_in(browser: Browser, oidc: ScriptedOidc) -> None:
    answer = await browser.client.get("/api/auth/providers/work/start", headers={"sec-fetch-site": "cross-site"})

    assert result_of(answer).path == "/login"
    assert "set-cookie" not in answer.headers


async def test_an_unknown_provider_leads_to_the_sign_in_page(browser: Browser) -> None:
    answer = await browser.client.get("/api/auth/providers/nobody/start")

    assert result_of(answer).path == "/login"
    assert (await come_back(browser, {"state": "x", "code": "y"}, "nobody")).problem == "expired"


async def test_too_many_starts_are_refused(browser: Browser, oidc: ScriptedOidc) -> None:
    answers = [await browser.client.get("/api/auth/providers/work/start") for _ in range(21)]

    assert result_of(answers[-1]).problem == "too-many"
    assert all(answer.headers["location"].startswith(oidc.issuer) for answer in answers[:-1])


async def test_a_banned_user_cannot_sign_in_with_a_provider(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, linked: User
) -> None:
    await backend.users.suspend(OPERATOR_STAFF, linked.user_id, "", "no end")

    assert (await sign_in(browser, oidc)).problem == "banned"


async def test_an_account_with_an_authenticator_app_needs_its_code_too(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, linked: User
) -> None:
    app = TOTP(backend.authenticators.start_setup(linked).secret)
    await backend.authenticators.enable(linked, app.secret, app.at(now()), "192.0.2.1")
    answer = oidc.answer(await start(browser, next="/studio"))

    ended = await browser.client.get("/api/auth/providers/work/callback", params=answer)

    place = urlsplit(ended.headers["location"])
    assert (ended.status_code, place.path, place.query) == (303, "/login/code", "next=%2Fstudio")
    assert await signed_in_as(browser) == ""
    ticket = await backend.second_steps.finish(place.fragment, app.at(now() + timedelta(seconds=30)), "192.0.2.1")
    assert (await browser.client.post("/api/auth/session", json={"ticket": ticket})).status_code == 201
    assert await signed_in_as(browser) == "Ana"


@pytest.mark.parametrize("has_confirmed", [True, False])
async def test_a_password_reset_unlinks_identities_of_an_account_whose_email_was_never_confirmed(
    backend: Backend, linked: User, *, has_confirmed: bool
) -> None:
    if has_confirmed:
        await backend.store.users.confirm_email(linked.user_id, linked.email, now())
    secret = await backend.passwords.create_reset_secret("ana")

    await backend.passwords.reset(secret, "correct horse battery", "192.0.2.1")

    assert len(await backend.store.identities.list_by_user(linked.user_id)) == has_confirmed


async def test_a_user_without_a_password_cannot_sign_in_with_one(backend: Backend) -> None:
    await backend.store.users.add(User("user-bob", "Bob", "bob@example.com", "", now()))

    for password in ("x", "no hash", " "):
        with pytest.raises(InvalidError, match="Wrong username or password"):
            await backend.accounts.sign_in("bob", password, "192.0.2.1")
    user = await backend.passwords.set_first(await backend.store.users.get("user-bob"), "correct horse", "192.0.2.1")
    assert await backend.accounts.sign_in("bob", "correct horse", "192.0.2.1")
    with pytest.raises(ConflictError):
        await backend.passwords.set_first(user, "battery staple", "192.0.2.1")


async def test_a_new_signing_key_is_fetched_when_the_old_one_is_old_enough(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, linked: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(browser, oidc)
    oidc.signing_key = RSAKey.generate_key(2048, {"kid": "second", "alg": "RS256"})
    oidc.published_keys = [oidc.signing_key]

    assert (await sign_in(browser, oidc)).problem == "failed"
    monkeypatch.setattr("streaming_app.backend.adapters.sign_in_providers.oidc.KEYS_MIN_SECONDS", -1.0)
    assert (await sign_in(browser, oidc)).path == "/"


async def test_a_user_signs_in_with_vk(browser: Browser, backend: Backend, vk: VkServer) -> None:
    ended = await come_back(browser, vk.answer(await start(browser, "vk")), "vk")

    assert ended.path == "/login/finish"
    pending = await backend.providers.sign_in.pending_identity(pending_secret(browser))
    assert (pending.subject, pending.email, pending.email_verified) == ("1234567890", "ivan@example.com", False)
    await backend.providers.linked_accounts.register(pending_secret(browser), "Ivan", "ivan@example.com", "192.0.2.1")
    await come_back(browser, vk.answer(await start(browser, "vk")), "vk")
    assert await signed_in_as(browser) == "Ivan"


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


async def test_a_link_needs_a_signed_in_user(browser: Browser, oidc: ScriptedOidc) -> None:
    answer = await browser.client.get("/api/auth/providers/work/start", params={"link": "1"})

    assert result_of(answer).path == "/login"


async def test_a_link_is_made_only_after_the_same_user_confirms_it(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, ana: User
) -> None:
    bob = User("user-bob", "Bob", "bob@example.com", "hash", datetime.now(UTC))
    await backend.store.users.add(bob)
    await browser.sign_in(ana)

    ended = await sign_in(browser, oidc, link="1")

    assert ended.path == "/login/finish"
    linked = backend.providers.linked_accounts
    assert await linked.list_of(ana) == []
    secret = pending_secret(browser)
    with pytest.raises(NotFoundError):
        await linked.link(secret, bob, "192.0.2.1")
    with pytest.raises(NotFoundError):
        await linked.register(secret, "Nora", "nora@example.com", "192.0.2.1")
    await linked.link(secret, ana, "192.0.2.1")
    with pytest.raises(NotFoundError):
        await linked.link(secret, ana, "192.0.2.1")
    assert [(each.provider, each.label) for each in await linked.list_of(ana)] == [("work", "ana@example.com")]


async def test_an_identity_of_somebody_else_is_not_linked_and_signs_nobody_in(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, linked: User
) -> None:
    bob = User("user-bob", "Bob", "bob@example.com", "hash", datetime.now(UTC))
    await backend.store.users.add(bob)
    await browser.sign_in(bob)

    ended = await sign_in(browser, oidc, link="1")

    assert (ended.path, ended.problem) == ("/settings/linked-accounts", "linked-elsewhere")
    assert await signed_in_as(browser) == "Bob"


async def confirm(browser: Browser, oidc: ScriptedOidc) -> Result:
    """Authenticate again with the provider ``work``, as the page that asks for it does."""
    return await sign_in(browser, oidc, confirm="1", next="/settings/security")


async def is_recent(browser: Browser) -> bool:
    """Whether the session may do what requires a recent sign-in."""
    try:
        await browser.backend.accounts.sessions.require_recent(browser.token)
    except ReauthenticationNeededError:
        return False
    return True


@pytest.fixture
async def old_session(browser: Browser, linked: User, tmp_path: Path) -> str:
    """The cookie of a session of Ana that began an hour ago."""
    await browser.sign_in(linked)
    with closing(sqlite3.connect(tmp_path / "data" / "streaming.sqlite3", isolation_level=None)) as database:
        database.execute("UPDATE sessions SET created_at = created_at - 3600000")
    assert not await is_recent(browser)
    return browser.token


async def test_a_user_authenticates_again_with_a_linked_identity(
    browser: Browser, oidc: ScriptedOidc, old_session: str
) -> None:
    ended = await confirm(browser, oidc)

    assert (ended.path, ended.query) == ("/settings/security", {})
    assert browser.token != old_session
    assert await is_recent(browser)
    assert await signed_in_as(browser) == "Ana"


async def test_the_provider_is_asked_to_authenticate_the_user_again(
    browser: Browser, oidc: ScriptedOidc, old_session: str
) -> None:
    asked = parse_qs(urlsplit(await start(browser, confirm="1")).query)
    asked_vk = parse_qs(urlsplit(await start(browser, "vk", confirm="1")).query)
    plain = parse_qs(urlsplit(await start(browser)).query)

    assert (asked["prompt"], asked["max_age"], asked_vk["prompt"]) == (["login"], ["0"], ["login"])
    assert "prompt" not in plain


async def test_the_account_of_another_person_at_the_provider_confirms_nothing(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, old_session: str
) -> None:
    await backend.store.users.add(User("user-eve", "Eve", "eve@example.com", "hash", datetime.now(UTC)))
    await backend.store.identities.add(Identity("work", "user-eve", "user-eve", "eve", datetime.now(UTC)))

    for subject in ("user-eve", "a stranger", "user-1 "):
        oidc.claims = {"sub": subject, "email": "ana@example.com", "email_verified": True}
        ended = await confirm(browser, oidc)

        query = {"problem": "other-account", "provider": "work", "next": "/settings/security"}
        assert (ended.path, ended.query) == ("/confirm", query)
        assert browser.token == old_session
        assert pending_secret(browser) == ""
        assert await signed_in_as(browser) == "Ana"


async def test_an_identity_that_was_unlinked_meanwhile_confirms_nothing(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, linked: User, old_session: str
) -> None:
    answer = oidc.answer(await start(browser, confirm="1"))
    await backend.store.identities.remove_all_of(linked.user_id)

    assert (await come_back(browser, answer)).problem == "other-account"
    assert browser.token == old_session


async def test_an_answer_to_a_plain_sign_in_of_another_user_is_not_a_confirmation(
    browser: Browser, other_browser: Browser, oidc: ScriptedOidc, old_session: str
) -> None:
    answer = oidc.answer(await start(other_browser))

    assert (await come_back(browser, answer)).problem == "expired"
    assert browser.token == old_session


@pytest.mark.parametrize(("seconds_ago", "problem"), [(3600, "not-again"), (90, "not-again"), (0, ""), (30, "")])
async def test_a_provider_that_has_not_asked_the_user_again_confirms_nothing(
    browser: Browser, oidc: ScriptedOidc, old_session: str, seconds_ago: int, problem: str
) -> None:
    oidc.claims = {"auth_time": int(datetime.now(UTC).timestamp()) - seconds_ago}

    ended = await confirm(browser, oidc)

    assert ended.problem == problem
    assert await is_recent(browser) is (problem == "")


@pytest.mark.parametrize("wrong", ["yesterday", True, [], 1e300])
async def test_a_wrong_time_of_authentication_is_refused(
    browser: Browser, oidc: ScriptedOidc, old_session: str, wrong: object
) -> None:
    oidc.claims = {"auth_time": wrong}

    assert (await confirm(browser, oidc)).problem != ""
    assert not await is_recent(browser)


async def test_a_visitor_confirms_nothing(browser: Browser, oidc: ScriptedOidc, linked: User) -> None:
    answer = await browser.client.get("/api/auth/providers/work/start", params={"confirm": "1"})

    assert result_of(answer).path == "/login"


async def test_a_confirmation_with_a_provider_asks_for_the_code_of_the_app(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, linked: User, old_session: str
) -> None:
    await backend.store.authenticator_apps.add(AuthenticatorApp(linked.user_id, b"sealed", datetime.now(UTC), 0, ()))

    ended = await confirm(browser, oidc)

    assert (ended.path, ended.query) == ("/login/code", {"next": "/settings/security"})
    assert browser.token == old_session
    assert not await is_recent(browser)


async def test_a_sign_in_replaces_the_session_of_the_browser(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, linked: User
) -> None:
    await browser.sign_in(linked)
    before = browser.token

    await sign_in(browser, oidc)

    assert browser.token != before
    browser.client.cookies.clear()
    browser.client.cookies.set("streaming_session", before, domain=HOST)
    assert await signed_in_as(browser) == ""
