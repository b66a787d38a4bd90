"""Sign-in by ticket, the session cookie, and signing out."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import httpx
import pytest
from pyotp.totp import TOTP

from streaming_app.backend.accounts.cookies import KNOWN_ACCOUNTS_COOKIE, SESSION_COOKIE, VIEWER_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.bootstrap import Backend, now
from tests.api.conftest import Browser, error_of

THIRTY_DAYS = 30 * 24 * 3600


def cookie_of(answer: httpx.Response) -> Morsel[str]:
    """Return the session cookie that the answer sets."""
    return cookies_of(answer)[SESSION_COOKIE]


def cookies_of(answer: httpx.Response) -> SimpleCookie:
    """Return all cookies that an answer sets."""
    cookies = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        cookies.load(header)
    return cookies


async def test_a_ticket_is_exchanged_for_an_http_only_same_site_cookie(browser: Browser, ana: User) -> None:
    answer = await browser.sign_in(ana)

    cookie = cookie_of(answer)
    assert answer.status_code == 201
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "lax"
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""
    assert THIRTY_DAYS - 60 <= int(cookie["max-age"]) <= THIRTY_DAYS
    assert cookie["secure"] == ""


@pytest.mark.parametrize("forwarded", ["https", "https, http"])
async def test_the_session_cookie_is_bound_to_the_host_under_https(
    browser: Browser, backend: Backend, ana: User, forwarded: str
) -> None:
    ticket = await backend.accounts.sessions.issue_ticket(ana)

    headers = {"x-forwarded-proto": forwarded, "origin": "https://site.test"}
    answer = await browser.client.post("/api/auth/session", json={"ticket": ticket}, headers=headers)

    assert answer.status_code == 201
    assert set(cookies_of(answer)) == {f"__Host-{SESSION_COOKIE}"}
    cookie = cookies_of(answer)[f"__Host-{SESSION_COOKIE}"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


async def test_under_https_a_new_cookie_replaces_one_without_the_prefix(
    browser: Browser, backend: Backend, ana: User
) -> None:
    await browser.sign_in(ana)
    headers = {"x-forwarded-proto": "https", "origin": "https://site.test"}
    assert (await browser.client.get("/api/users/me", headers=headers)).status_code == 200

    ticket = await backend.accounts.sessions.issue_ticket(ana)
    answer = await browser.client.post("/api/auth/session", json={"ticket": ticket}, headers=headers)
    signed_out = await browser.client.delete("/api/auth/session", headers=headers)

    assert cookies_of(answer)[SESSION_COOKIE].value == ""
    assert cookies_of(answer)[f"__Host-{SESSION_COOKIE}"].value
    assert cookies_of(signed_out)[f"__Host-{SESSION_COOKIE}"].value == ""


async def test_a_cookie_of_a_sibling_domain_does_not_replace_the_session(browser: Browser, ana: User) -> None:
    await browser.sign_in(ana)
    cookies = f"{SESSION_COOKIE}=tossed; __Host-{SESSION_COOKIE}={browser.token}"
    browser.client.cookies.clear()

    answer = await browser.client.get("/api/users/me", headers={"cookie": cookies})

    assert answer.json()["username"] == "Ana"


async def test_the_answer_names_the_user_and_contains_no_token(browser: Browser, ana: User) -> None:
    answer = await browser.sign_in(ana)

    assert answer.json() == {"username": "Ana", "email": "ana@example.com", "channel": "/c/ana"}
    assert browser.token not in answer.text


async def test_the_session_cookie_identifies_the_user(browser: Browser, ana: User) -> None:
    await browser.sign_in(ana)

    answer = await browser.client.get("/api/users/me")

    assert answer.json()["username"] == "Ana"
    assert answer.headers["cache-control"] == "no-store"


async def test_each_sign_in_returns_a_new_token_and_ends_the_previous_session(browser: Browser, ana: User) -> None:
    await browser.sign_in(ana)
    first = browser.token
    await browser.sign_in(ana)
    second = browser.token

    assert first != second
    assert (await browser.client.get("/api/users/me")).status_code == 200
    browser.token = first
    assert (await browser.client.get("/api/users/me")).status_code == 401


async def test_a_ticket_can_be_used_once(browser: Browser, backend: Backend, ana: User) -> None:
    ticket = await backend.accounts.sessions.issue_ticket(ana)
    await browser.client.post("/api/auth/session", json={"ticket": ticket})

    again = await browser.client.post("/api/auth/session", json={"ticket": ticket})

    assert again.status_code == 401
    assert error_of(again)["code"] == "not_signed_in"
    assert "set-cookie" not in again.headers


async def test_signing_out_ends_the_session_and_deletes_the_cookie(browser: Browser, ana: User) -> None:
    await browser.sign_in(ana)
    stolen = browser.token

    answer = await browser.client.delete("/api/auth/session")

    assert answer.status_code == 204
    assert cookie_of(answer).value == ""
    assert cookie_of(answer)["max-age"] == "0"
    assert browser.token == ""
    browser.token = stolen
    assert (await browser.client.get("/api/users/me")).status_code == 401


async def test_signing_out_without_a_session_succeeds(browser: Browser) -> None:
    browser.token = "nonsense"

    assert (await browser.client.delete("/api/auth/session")).status_code == 204


async def test_a_user_can_sign_in_again_after_signing_out(browser: Browser, ana: User) -> None:
    await browser.sign_in(ana)
    await browser.client.delete("/api/auth/session")

    await browser.sign_in(ana)

    assert (await browser.client.get("/api/users/me")).status_code == 200


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM users",
        "DELETE FROM sessions",
        "UPDATE sessions SET expires_at = 0",
        "UPDATE sessions SET user_id = 'someone else'",
    ],
)
async def test_a_cookie_of_a_deleted_user_or_session_is_signed_out(
    browser: Browser, ana: User, store_file: Path, damage: str
) -> None:
    await browser.sign_in(ana)
    with closing(sqlite3.connect(store_file, isolation_level=None)) as database:
        database.execute(damage)

    answer = await browser.client.get("/api/users/me")

    assert answer.status_code == 401
    assert error_of(answer)["message"] == "You are signed out. Sign in and try again."


async def test_a_banned_user_is_signed_out(browser: Browser, backend: Backend, ana: User) -> None:
    await browser.sign_in(ana)
    await backend.users.suspend(OPERATOR_STAFF, ana.user_id, "", "no end")

    assert (await browser.client.get("/api/users/me")).status_code == 401


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token.rpartition(".")[0] + ".",
        lambda token: token.rpartition(".")[0] + "." + token.rpartition(".")[2][::-1],
        lambda token: ".".join([token.split(".")[0], token.split(".")[1].swapcase(), token.split(".")[2]]),
        lambda token: "eyJhbGciOiJub25lIn0." + token.split(".")[1] + ".",
        lambda token: token + "a" * 5000,
        lambda token: f'"{token}"',
        lambda _: "nonsense",
        lambda _: "..",
        lambda _: "",
    ],
)
async def test_a_forged_cookie_means_signed_out(browser: Browser, ana: User, forge: Callable[[str], str]) -> None:
    await browser.sign_in(ana)
    browser.token = forge(browser.token)

    answer = await browser.client.get("/api/users/me")

    assert answer.status_code == 401
    assert error_of(answer)["code"] == "not_signed_in"


async def test_a_request_without_a_cookie_is_signed_out(browser: Browser) -> None:
    assert (await browser.client.get("/api/users/me")).status_code == 401


async def test_the_session_is_found_among_other_cookies(browser: Browser, ana: User) -> None:
    await browser.sign_in(ana)
    cookies = f"theme=dark; odd; =; x{SESSION_COOKIE}=no; {SESSION_COOKIE}={browser.token}; last=1"

    answer = await browser.client.get("/api/users/me", headers={"cookie": cookies})

    assert answer.status_code == 200


async def test_a_banned_user_cannot_redeem_an_earlier_ticket(browser: Browser, backend: Backend, ana: User) -> None:
    ticket = await backend.accounts.sessions.issue_ticket(ana)
    await backend.users.suspend(OPERATOR_STAFF, ana.user_id, "", "no end")

    answer = await browser.client.post("/api/auth/session", json={"ticket": ticket})

    assert answer.status_code == 403
    assert error_of(answer)["message"] == "This account is suspended."


async def test_a_browser_is_known_to_the_account_after_a_sign_in(browser: Browser, backend: Backend, ana: User) -> None:
    browser.client.cookies.set(VIEWER_COOKIE, "v" * 24, domain="site.test")

    answer = await browser.sign_in(ana)

    cookies = SimpleCookie("; ".join(answer.headers.get_list("set-cookie")))
    known = cookies[KNOWN_ACCOUNTS_COOKIE]
    assert (known["httponly"], known["samesite"], known["path"]) == (True, "lax", "/")
    sent = f"{VIEWER_COOKIE}={'v' * 24}; {KNOWN_ACCOUNTS_COOKIE}={known.value}"
    assert known.value == backend.accounts.known_browser_cookie(ana, sent)


async def test_a_browser_without_a_viewer_cookie_does_not_become_known(browser: Browser, ana: User) -> None:
    answer = await browser.sign_in(ana)

    assert KNOWN_ACCOUNTS_COOKIE not in answer.headers["set-cookie"]


async def test_an_account_with_an_authenticator_app_gets_no_cookie_before_its_code(
    browser: Browser, backend: Backend, ana: User
) -> None:
    app = TOTP(backend.authenticators.start_setup(ana).secret)
    await backend.authenticators.enable(ana, app.secret, app.at(now()), "192.0.2.1")

    answer = await browser.sign_in(ana)

    assert answer.status_code == 202
    assert answer.json()["page"] == "/login/code"
    assert "set-cookie" not in answer.headers
    secret = answer.json()["secret"]
    assert (await browser.client.post("/api/auth/session", json={"ticket": secret})).status_code == 401
    ticket = await backend.second_steps.finish(secret, app.at(now() + timedelta(seconds=30)), "192.0.2.1")
    assert (await browser.client.post("/api/auth/session", json={"ticket": ticket})).status_code == 201
    assert (await browser.client.get("/api/users/me")).json()["username"] == "Ana"
