"""Every operation of the API with tokens of each scope. The operations come from the OpenAPI document."""

from typing import Any

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.token_scopes import SCOPE_DESCRIPTIONS, TokenScope
from streaming_app.backend.api.v1.router import openapi_document
from streaming_app.backend.bootstrap import Backend
from tests.api.conftest import ORIGIN, Browser
from tests.api.v1.conftest import NewProgram, problem_of

PUBLIC = {
    ("GET", "/api/v1/users/{username}"),
    ("GET", "/api/v1/channels"),
    ("GET", "/api/v1/channels/{slug}"),
    ("GET", "/api/v1/streams"),
    ("GET", "/api/v1/streams/{stream_id}"),
    ("GET", "/api/v1/channels/{slug}/streams"),
    ("GET", "/api/v1/channels/{slug}/messages"),
    ("GET", "/api/v1/channels/{slug}/recordings"),
    ("GET", "/api/v1/recordings/{recording_id}"),
}
"""The operations that need no token. A new operation is private unless somebody adds it here."""
NO_SCOPE = {("GET", "/api/v1/me/token")}
"""The operations for which every token is enough."""
BODIES = {
    "change_channel": {"title": "new"},
    "change_me": {"display_name": "Ana the Great"},
    "post_message": {"text": "hi"},
}

Operation = tuple[str, str, dict[str, Any]]


def operations() -> list[Operation]:
    """Return method, path and description of every operation."""
    return [
        (method.upper(), path, operation)
        for path, methods in openapi_document()["paths"].items()
        for method, operation in methods.items()
    ]


def scopes_of(operation: dict[str, Any]) -> list[str]:
    """Return the scopes that a token needs."""
    return [scope for requirement in operation.get("security", []) for scope in requirement.get("token", [])]


PRIVATE = [each for each in operations() if each[:2] not in PUBLIC]


def path_of(path: str) -> str:
    """Return the address of resources that do not exist, so that an allowed request ends with 404."""
    return path.format(slug="nobody", username="nobody", stream_id="none", recording_id="none", session_id="none")


def test_every_private_operation_needs_exactly_one_scope() -> None:
    without = {(method, path) for method, path, operation in PRIVATE if not scopes_of(operation)}

    assert {each[:2] for each in operations()} >= PUBLIC
    assert without == NO_SCOPE
    assert all(len(scopes_of(operation)) == 1 for *place, operation in PRIVATE if tuple(place) not in NO_SCOPE)


def test_every_scope_is_described_and_opens_something() -> None:
    opened = {scope for *_, operation in operations() for scope in scopes_of(operation)}

    assert set(SCOPE_DESCRIPTIONS) == set(TokenScope)
    assert opened == set(TokenScope) - {TokenScope.CHAT_MODERATE}  # which adds commands to chat:write


@pytest.mark.parametrize("scope", list(TokenScope))
async def test_a_token_opens_only_what_its_scope_allows(
    new_program: NewProgram, backend: Backend, ana: User, scope: TokenScope
) -> None:
    program = await new_program(ana, scope)
    opened: set[tuple[str, str]] = set()

    for method, path, operation in PRIVATE:
        answer = await program.request(method, path_of(path), json=BODIES.get(operation["operationId"]))
        if answer.status_code == 403:
            assert "lacks the scope" in str(problem_of(answer)["detail"])
        else:
            assert answer.status_code in {200, 204, 404, 422}
            opened.add((method, path))

    allowed = {(method, path) for method, path, operation in PRIVATE if scope in scopes_of(operation)}
    assert opened == allowed | NO_SCOPE


@pytest.mark.parametrize("authorization", [None, "Bearer sat_wrong", "Bearer", "Basic YTpi", "sat_wrong"])
async def test_without_a_valid_token_no_private_operation_is_open(
    browser: Browser, ana: User, authorization: str | None
) -> None:
    headers = {"authorization": authorization} if authorization else {}
    browser.client.headers.pop("origin")

    for method, path, operation in PRIVATE:
        json = BODIES.get(operation["operationId"])
        answer = await browser.client.request(method, path_of(path), json=json, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        problem_of(answer)


async def test_a_session_may_read_everything_of_its_user(browser: Browser, ana: User) -> None:
    await browser.sign_in(ana)
    browser.client.headers.pop("origin")

    answers = [await browser.client.get(path_of(path)) for method, path, _ in PRIVATE if method == "GET"]

    assert {answer.status_code for answer in answers} == {200, 404}


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
async def test_a_session_changes_nothing_for_pages_of_other_sites(
    browser: Browser, ana: User, origin: str | None
) -> None:
    await browser.sign_in(ana)
    browser.client.headers.pop("origin")
    headers = {"origin": origin} if origin else {}

    for method, path, operation in PRIVATE:
        if method != "GET":
            json = BODIES.get(operation["operationId"])
            answer = await browser.client.request(method, path_of(path), json=json, headers=headers)
            assert (answer.status_code, problem_of(answer)["code"]) == (403, "foreign_origin")


async def test_a_session_changes_things_from_own_pages_with_json(browser: Browser, ana: User, backend: Backend) -> None:
    await browser.sign_in(ana)
    await backend.channels.get_or_create(ana)

    changed = await browser.client.patch("/api/v1/channels/ana", json={"title": "new"}, headers={"origin": ORIGIN})
    form = await browser.client.patch("/api/v1/channels/ana", data={"title": "x"}, headers={"origin": ORIGIN})
    bodyless = await browser.client.put("/api/v1/me/follows/nobody", headers={"origin": ORIGIN})

    assert (changed.status_code, changed.json()["title"]) == (200, "new")
    assert [form.status_code, bodyless.status_code] == [415, 415]


async def test_a_request_with_a_token_does_not_use_the_session(
    browser: Browser, new_program: NewProgram, ana: User, bob: User
) -> None:
    await browser.sign_in(ana)
    authorization = (await new_program(bob, "profile:read")).headers["authorization"]

    of_bob = await browser.client.get("/api/v1/me", headers={"authorization": authorization})
    refused = await browser.client.get("/api/v1/me/sessions", headers={"authorization": authorization})

    assert of_bob.json()["username"] == "Bob"
    assert refused.status_code == 403
