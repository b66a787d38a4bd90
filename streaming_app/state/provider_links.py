"""The links that start a sign-in with a provider, as pages show them."""

from dataclasses import dataclass

import reflex as rx

from streaming_app import routes
from streaming_app.backend.accounts.providers.model import Purpose
from streaming_app.backend.accounts.providers.policy import problem_text
from streaming_app.backend.accounts.same_origin import safe_path
from streaming_app.state import services


@dataclass(frozen=True)
class ProviderLink:
    """A provider that the user can sign in with."""

    provider_id: str = ""
    name: str = ""
    url: str = ""
    """Starts the sign-in."""


def links_on(state: rx.State, purpose: Purpose = Purpose.SIGN_IN) -> list[ProviderLink]:
    """Return the links to all providers. After the sign-in they lead to the page that the query names."""
    next_path = safe_path(state.router.url.query_parameters.get(routes.NEXT, ""), "")
    sign_in = services.current().providers.sign_in
    return [
        ProviderLink(each.provider_id, each.name, sign_in.start_url(each.provider_id, next_path, purpose))
        for each in sign_in.providers
    ]


def problem_on(state: rx.State) -> str:
    """Return why the last sign-in with a provider did not work, by the query; empty if it worked."""
    query, sign_in = state.router.url.query_parameters, services.current().providers.sign_in
    return problem_text(query.get(routes.PROBLEM, ""), sign_in.name_of(query.get(routes.PROVIDER, "")))
