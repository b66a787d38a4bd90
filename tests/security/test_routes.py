"""Every route of the API, requested by other users and by pages of other sites.

The routes come from FastAPI's route table, so a new route is attacked without a change of this module.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute, APIRouter
from starlette.routing import BaseRoute

from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.cookies import SESSION_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.api.app import create_api
from streaming_app.backend.bootstrap import Backend
from tests.security.access_rules import PUBLIC, ROUTES, rule_of
from tests.security.conftest import ORIGIN, token_of
from tests.security.victim import Victim, added_or_changed

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
FOREIGN_ORIGINS = ("https://evil.test", "http://site.test:81", "null", "")
BODIES = (
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b'{"a":' * 5_000,
    b"\xff\xfe",
    b"{}" + b" " * 20_000_000,
    b'{"__proto__":{}}',
)
"""Bodies that are malformed, oversized or not what a route expects."""
PATHS_MAX = 60
"""Maximum number of combinations of ids in one path."""


@dataclass(frozen=True)
class Target:
    """One method of one route."""

    method: str
    path: str
    path_names: tuple[str, ...]
    body_names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def urls(self, ids: Sequence[str]) -> Iterator[str]:
        """Yield URLs with combinations of ``ids``."""
        for values in islice(product(ids, repeat=len(self.path_names)), PATHS_MAX):
            url = self.path.replace(":path}", "}")
            for name, value in zip(self.path_names, values, strict=True):
                url = url.replace(f"{{{name}}}", value)
            yield url


def targets(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[Target]:
    """Yield all methods of all routes, also of routers that are included in others."""
    for route in routes:
        if isinstance(route, APIRoute):
            path_names = tuple(field.alias for field in route.dependant.path_params)
            body_names = tuple(
                name
                for field in route.dependant.body_params
                for name in getattr(field.field_info.annotation, "model_fields", {})
            )
            for method in sorted(route.methods or ()):
                yield Target(method, prefix + route.path, path_names, body_names)
        if isinstance(router := getattr(route, "original_router", None), APIRouter):  # FastAPI includes routers lazily
            yield from targets(router.routes, prefix + str(getattr(route, "include_context").prefix))  # noqa: B009


TARGETS = [target for target in targets(create_api().routes) if target.path != "/api/{path:path}"]
WRITES = [target for target in TARGETS if target.method not in SAFE_METHODS]


async def attack(client: httpx.AsyncClient, target: Target, ids: Sequence[str], headers: dict[str, str]) -> str:
    """Send requests with the ids in the path and in the body, and return everything that was answered."""
    received = ""
    for number, url in enumerate(target.urls(ids)):
        body = dict.fromkeys(target.body_names, ids[number % len(ids)])
        answer = await client.request(
            target.method, url, headers=headers, json=body if target.method not in SAFE_METHODS else None
        )
        received += f"{answer.status_code} {dict(answer.headers)} {answer.text}"
    return received


def test_each_route_has_an_access_rule() -> None:
    assert len(TARGETS) > len(ROUTES)
    for target in TARGETS:
        assert rule_of(str(target)), target
    assert not [target for target in WRITES if rule_of(str(target)) == PUBLIC]


@pytest.mark.parametrize("target", TARGETS, ids=str)
async def test_a_route_gives_strangers_no_access_to_the_data_of_others(
    backend: Backend, store_file: Path, client: httpx.AsyncClient, victim: Victim, stranger: User, target: Target
) -> None:
    page, cookie = {"origin": ORIGIN}, f"{SESSION_COOKIE}={await token_of(backend, stranger)}"
    api_token = await backend.api_tokens.create(stranger.user_id, NewToken("bot", tuple(TokenScope), "never"))
    before = victim.rows(store_file, stranger.user_id)

    received = await attack(client, target, victim.ids, page)
    received += await attack(client, target, victim.ids, {**page, "cookie": cookie})
    received += await attack(client, target, victim.ids, {"authorization": f"Bearer {api_token}"})

    assert not [secret for secret in victim.secrets() if secret in received]
    assert added_or_changed(before, victim.rows(store_file, stranger.user_id)) == {}


@pytest.mark.parametrize("target", [target for target in TARGETS if target.method in SAFE_METHODS], ids=str)
async def test_a_read_changes_nothing(
    backend: Backend, store_file: Path, client: httpx.AsyncClient, victim: Victim, target: Target
) -> None:
    cookie = {"cookie": f"{SESSION_COOKIE}={await token_of(backend, victim.user)}", "origin": "https://evil.test"}
    before = victim.rows(store_file, "")

    await attack(client, target, victim.ids, cookie)

    assert added_or_changed(before, victim.rows(store_file, "")) == {}


@pytest.mark.parametrize("target", WRITES, ids=str)
async def test_a_page_of_another_site_cannot_write_with_the_cookie_of_a_user(
    backend: Backend, store_file: Path, client: httpx.AsyncClient, victim: Victim, target: Target
) -> None:
    token = await token_of(backend, victim.user)
    before = victim.rows(store_file, "")

    for origin in FOREIGN_ORIGINS:
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded", "image/png"):
            headers = {"cookie": f"{SESSION_COOKIE}={token}", "content-type": kind}
            headers |= {"origin": origin} if origin else {}
            for url in target.urls(victim.ids):
                answer = await client.request(target.method, url, headers=headers, content=b"{}")
                assert 400 <= answer.status_code < 500, (origin, kind, url)

    assert added_or_changed(before, victim.rows(store_file, "")) == {}


@pytest.mark.parametrize("target", [target for target in WRITES if target.path.startswith("/api/")], ids=str)
async def test_a_write_needs_a_content_type_that_forms_of_other_sites_cannot_send(
    backend: Backend, client: httpx.AsyncClient, victim: Victim, target: Target
) -> None:
    headers = {"cookie": f"{SESSION_COOKIE}={await token_of(backend, victim.user)}", "origin": ORIGIN}

    for kind in ("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = await client.request(
            target.method, next(target.urls(victim.ids)), headers={**headers, "content-type": kind}, content=b"{}"
        )
        assert answer.status_code == 415, kind


@pytest.mark.parametrize("target", WRITES, ids=str)
async def test_a_malformed_or_oversized_body_is_refused(
    backend: Backend, client: httpx.AsyncClient, victim: Victim, stranger: User, target: Target
) -> None:
    for body in BODIES:
        cookie = f"{SESSION_COOKIE}={await token_of(backend, stranger)}"  # a new one, because a route signs out
        headers = {"cookie": cookie, "origin": ORIGIN, "content-type": "application/json"}

        answer = await client.request(target.method, next(target.urls(victim.ids)), headers=headers, content=body)

        if target.method == "DELETE" and answer.status_code == 204:
            continue  # a body that the route does not read
        assert 400 <= answer.status_code < 500, body[:20]
        assert answer.status_code != 429, f"a rate limit hides the answer to {body[:20]!r}"
