"""Accounts of a running site, created and promoted by its services: a form or a command takes many times as long."""

from dataclasses import dataclass

from streaming_app.backend.accounts.model import SiteRole
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.bootstrap import open_backend
from streaming_app.backend.streams.model import Latency
from tests.rig.ports import HOST
from tests.rig.site import Site
from tests.rig.site_store import store_settings_of

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account with a channel."""

    ticket: str
    """Opens a session, within 30 s."""
    stream_key: str


async def create_account(site: Site, name: str, latency: Latency = Latency.LOW) -> NewAccount:
    """Create an account with this username, and a channel with this latency."""
    async with open_backend(store_settings_of(site, "PASSWORD_HASH_COST")) as backend:
        user = await backend.accounts.register(Registration(name, f"{name}@example.com", PASSWORD), HOST)
        await backend.channels.get_or_create(user)
        await backend.channels.set_latency(user.user_id, latency)
        ticket = await backend.accounts.sessions.issue_ticket(user)
        return NewAccount(ticket, await backend.channels.stream_key(user.user_id))


async def promote(site: Site, name: str) -> None:
    """Make the user with this username an admin of the site, as the operator's command does."""
    async with open_backend(store_settings_of(site)) as backend:
        user = await backend.users.find(name)
        await backend.users.set_role(OPERATOR_STAFF, user.user_id, SiteRole.ADMIN)
