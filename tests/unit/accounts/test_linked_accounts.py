"""Linking and unlinking accounts at providers, on a real store."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.providers.linked_accounts import LinkedAccountService
from streaming_app.backend.accounts.providers.model import Identity, PendingIdentity
from streaming_app.backend.accounts.providers.ports import Identities
from streaming_app.backend.accounts.providers.service import ProviderSignIn
from streaming_app.backend.accounts.secret_hash import hash_secret
from streaming_app.backend.accounts.sign_in_limits import AccountLimits
from streaming_app.backend.adapters.development_mailbox import DevelopmentMailbox
from streaming_app.backend.adapters.sign_in_providers.oidc import OidcProvider
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.errors import ConflictError, ForbiddenError
from streaming_app.backend.setting_types import OidcClient
from tests.rig.audit import audit_log_of
from tests.rig.interrupted import interrupted
from tests.rig.limits import unlimited
from tests.rig.registration import open_gate

START = datetime(2026, 11, 28, 12, tzinfo=UTC)
URL = "https://live.example.com"
ADDRESS = "192.0.2.1"
ANN = User("u-ann", "Ann", "ann@example.com", "hash", START)
NORA = User("u-nora", "Nora", "nora@example.com", "", START)
CLIENT = OidcClient(id="work", name="Work", issuer=URL, client_id="site", client_secret=SecretStr("secret"))


@dataclass
class Site:
    """A site with one provider."""

    store: SqliteStore

    def __post_init__(self) -> None:
        self.mailbox = DevelopmentMailbox(URL, self.clock)
        self.mails = AccountMails(self.mailbox, URL)
        self.linked = self.service(self.store.identities)

    def clock(self) -> datetime:
        return START

    def service(self, identities: Identities) -> LinkedAccountService:
        store, limits = self.store, AccountLimits(*(unlimited() for _ in range(6)))
        providers = {"work": OidcProvider(CLIENT, URL, lambda: 0.0)}
        sign_in = ProviderSignIn(
            providers,
            store.users,
            identities,
            store.sign_in_attempts,
            store.pending_identities,
            unlimited(),
            self.clock,
            URL,
        )
        log = audit_log_of(store, self.clock)
        return LinkedAccountService(
            sign_in,
            store.users,
            identities,
            store.sign_in_methods,
            limits,
            log,
            self.clock,
            open_gate(store, self.clock),
            self.mails,
        )

    async def pend(self, browser: str = "browser", user_id: str = "u-new") -> str:
        """Store an identity that belongs to nobody, and return the secret of the browser."""
        secret = f"secret of {browser}"
        pending = PendingIdentity(
            secret_hash=hash_secret(secret, "pending-identity:"),
            provider="work",
            subject="1",
            label="Ann",
            email="new@example.com",
            email_verified=True,
            user_id=user_id,
            link_to="",
            next_path="",
            expires_at=START + timedelta(hours=1),
        )
        await self.store.pending_identities.add(pending, START)
        return secret

    async def subjects(self) -> list[str]:
        """Return the subjects of all mails, newest first."""
        await self.mails.wait_until_sent()
        return [kept.mail.subject.partition(" - ")[0] for kept in self.mailbox.mails()]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_store(":memory:") as store:
        for user in (ANN, NORA):
            await store.users.add(user)
        yield Site(store)


async def test_users_get_a_mail_when_an_account_is_linked_and_unlinked(site: Site) -> None:
    await site.linked.link(await site.pend(), ANN, ADDRESS)
    assert await site.subjects() == ["A Work account was added to your account"]

    await site.linked.unlink(ANN, "work", ADDRESS)
    await site.linked.unlink(ANN, "work", ADDRESS)

    assert await site.subjects() == [
        "A Work account was removed from your account",
        "A Work account was added to your account",
    ]
    assert {kept.to for kept in site.mailbox.mails()} == {"ann@example.com"}


async def test_what_was_refused_sends_no_mail(site: Site) -> None:
    await site.store.identities.add(Identity("work", "1", NORA.user_id, "Nora", START))

    with pytest.raises(ForbiddenError):
        await site.linked.unlink(NORA, "work", ADDRESS)
    with pytest.raises(ConflictError):
        await site.linked.link(await site.pend(), ANN, ADDRESS)

    assert await site.subjects() == []


async def test_a_link_does_not_take_the_identity_of_a_registration_that_is_going_on(site: Site) -> None:
    linking = await site.pend("one browser")
    refused: list[ConflictError] = []

    async def link() -> None:
        with pytest.raises(ConflictError) as error:
            await site.linked.link(linking, ANN, ADDRESS)
        refused.append(error.value)

    registration = site.service(interrupted(site.store.identities, "add", link))
    user = await registration.register(await site.pend("another browser"), "Newcomer", "", ADDRESS)

    assert len(refused) == 1
    assert [each.user_id for each in await site.linked.list_of(user)] == ["u-new"]
    assert await site.linked.list_of(ANN) == []
