"""Sign-in with providers through the real API, against real servers of providers."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey
from pyotp.totp import TOTP

from streaming_app.backend.accounts.cookies import PROVIDER_BROWSER_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.bootstrap import Backend, now
from streaming_app.backend.errors import ConflictError, InvalidError
from tests.api.conftest import HOST, ORIGIN, Browser
from tests.api.providers.conftest import come_back, pending_secret, result_of, sign_in, signed_in_as, start
from tests.rig.scripted_oidc import ScriptedOidc
from tests.rig.serving import mute
from tests.rig.vk_server import VkServer


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
