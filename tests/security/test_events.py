"""Every event of the pages, called by users who have no right to the data that it concerns.

The events come from Reflex's registry, so a new event is attacked without a change of this module.
"""

import inspect
from collections.abc import AsyncIterator, Awaitable, Iterator
from itertools import islice, product
from pathlib import Path
from typing import Any

import pytest
from reflex.state import BaseState
from reflex_base.registry import RegistrationContext

from streaming_app import streaming_app
from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.state.session import SessionState, refresh_user
from tests.security.access_rules import STATES
from tests.security.conftest import token_of
from tests.security.victim import ACTIONS, Victim, added_or_changed
from tests.state.conftest import Tab

assert streaming_app.app, "importing the app registers the events"
HANDLERS = {
    f"{state.__name__}.{registered.handler.fn.__name__}": (state, registered.handler)
    for registered in RegistrationContext.get().event_handlers.values()
    for state in registered.states
    if state.__module__.startswith("streaming_app") and registered.handler.fn.__name__ != "setvar"
}
CALLS_MAX = 80
"""Maximum number of combinations of arguments for one event."""
PAGES = ("/c/ana/moderation", "/c/ana", "/c/ana/r/recording-of-ana", "/studio", "/admin/users/ana")
CHANGED_BY_THE_OWNER = {
    "ModerationState.unban",
    "StudioState.describe",
    "StudioState.rotate_key",
    "ApiTokenSettings.revoke",
}
SHOWN_TO_THE_OWNER = {"ModerationState.open", "StudioState.show_key", "StudioState.copy_key", "ApiTokenSettings.open"}


class Form(dict[str, str]):
    """A submitted form that has the same value in every field that the handler reads."""

    def __init__(self, value: str) -> None:
        self._value = value

    def get(self, _key: str, _default: object = None) -> str:
        return self._value

    def __getitem__(self, _key: str) -> str:
        return self._value

    def __contains__(self, _key: object) -> bool:
        return True


def arguments(handler: Any, victim: Victim) -> Iterator[tuple[object, ...]]:
    """Yield combinations of arguments that name data of the victim."""
    _, *parameters = inspect.signature(handler.fn).parameters.values()
    return islice(product(*(_values(parameter, victim) for parameter in parameters)), CALLS_MAX)


def _values(parameter: inspect.Parameter, victim: Victim) -> tuple[object, ...]:
    if parameter.name == "channel_id":
        return (victim.channel_id,)
    if parameter.name == "action":
        return ACTIONS
    if parameter.annotation in {bool, int}:
        return (True, False) if parameter.annotation is bool else (1,)
    if "dict" in str(parameter.annotation):
        return tuple(Form(value) for value in (*victim.ids, "on", ""))
    if parameter.name in {"minutes", "reason", "reply_to", "client_id", "text", "latency", "state"}:
        return ("1",)
    return victim.ids


async def call(handler: Any, state: BaseState, given: tuple[object, ...]) -> str:
    """Call an event like Reflex, and return what it sends to the browser."""
    sent: list[object] = []
    try:
        result = handler.fn(state, *given)
        if isinstance(result, AsyncIterator):
            sent += [event async for event in result]
        elif isinstance(result, Awaitable):
            sent.append(await result)
        else:
            sent.append(result)
    except Exception as refused:  # noqa: BLE001 - Reflex passes every error to the app's handler, which shows no details
        sent.append(getattr(refused, "public_message", ""))
    return str(sent)


async def attack(name: str, victim: Victim, token: str) -> str:
    """Call an event on each page, with each combination of arguments; return everything that the browser gets."""
    state_class, handler = HANDLERS[name]
    received = ""
    for page in PAGES:
        for given in arguments(handler, victim):
            tab = Tab(f"http://site.test{page}", token)
            await refresh_user(await tab.state(SessionState))
            state = await tab.state(state_class)
            opener = HANDLERS.get(f"{state_class.__name__}.open")
            if opener and not inspect.signature(opener[1].fn).parameters.keys() - {"self"}:
                received += await call(opener[1], state, ())
            received += await call(handler, state, given) + tab.shown()
    return received


def test_each_state_has_an_access_rule() -> None:
    assert {name.partition(".")[0] for name in HANDLERS} == set(STATES)


@pytest.mark.parametrize("name", HANDLERS)
async def test_an_event_gives_strangers_no_access_to_the_data_of_others(
    backend: Backend, store_file: Path, victim: Victim, stranger: User, name: str
) -> None:
    for user_id, token in (("", ""), (stranger.user_id, await token_of(backend, stranger))):
        before = victim.rows(store_file, user_id)

        received = await attack(name, victim, token)

        assert not [secret for secret in victim.secrets() if secret in received]
        assert added_or_changed(before, victim.rows(store_file, user_id)) == {}


@pytest.mark.parametrize("name", sorted(SHOWN_TO_THE_OWNER))
async def test_the_owner_gets_the_data_that_the_attacks_look_for(backend: Backend, victim: Victim, name: str) -> None:
    received = await attack(name, victim, await token_of(backend, victim.user))

    assert any(secret in received for secret in victim.secrets())


@pytest.mark.parametrize("name", sorted(CHANGED_BY_THE_OWNER))
async def test_the_owner_changes_the_data_that_the_attacks_watch(
    backend: Backend, store_file: Path, victim: Victim, name: str
) -> None:
    token = await token_of(backend, victim.user)
    before = victim.rows(store_file, "")

    await attack(name, victim, token)

    assert added_or_changed(before, victim.rows(store_file, ""))
