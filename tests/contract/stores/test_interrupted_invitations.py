"""Registrations with an invitation, interrupted at every step, in both stores: each account counts as one use."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from uuid import uuid4

import pytest

from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.invitations import CLAIM_LIFETIME, Invitation, hash_of_invitation
from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.accounts.mail_links import MailLinkKind, new_link
from streaming_app.backend.accounts.mail_registration import MailRegistration
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.providers.linked_accounts import LinkedAccountService
from streaming_app.backend.accounts.providers.model import PendingIdentity
from streaming_app.backend.accounts.providers.service import ProviderSignIn
from streaming_app.backend.accounts.secret_hash import hash_secret
from streaming_app.backend.accounts.service import AccountService, Registration
from streaming_app.backend.accounts.sign_in_limits import AccountLimits
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import ForbiddenError, NotFoundError
from tests.conftest import MONGO_SERVERS
from tests.contract.stores.samples import NOW
from tests.rig.audit import audit_log_of
from tests.rig.faults import Faults, for_each_fault
from tests.rig.limits import unlimited
from tests.rig.password_hashing import bcrypt_passwords
from tests.rig.registration import invitation_gate
from tests.rig.sessions import session_service_of

pytestmark = pytest.mark.parametrize("store_address", ["sqlite-memory", *MONGO_SERVERS], indirect=True)
"""The store under test. SQLite takes the same steps in memory as in a file."""

ADDRESS = "192.0.2.1"
PHRASE = "correct horse"


@dataclass
class World:
    """A site that requires invitations, and an invitation for one person. All calls of its ports may fail."""

    store: Store
    faults: Faults
    number: int
    now: datetime = NOW
    link_secret: str = ""
    accounts: AccountService = field(init=False)
    registration: MailRegistration = field(init=False)
    linked: LinkedAccountService = field(init=False)

    def __post_init__(self) -> None:
        store, bcrypt = self.faults.around(self.store), bcrypt_passwords()
        audit_log, gate = audit_log_of(store, self.clock), invitation_gate(store, self.clock)
        limits = AccountLimits(*(unlimited() for _ in range(6)))
        sessions = session_service_of(store, LocalBus(self.clock), self.clock, audit_log)
        self.accounts = AccountService(
            store.users, sessions, bcrypt, self.clock, limits, KnownBrowsers(bytes(32)), audit_log, gate
        )
        mails = AccountMails(None, "http://site.test")
        sign_in = ProviderSignIn(
            {},
            store.users,
            store.identities,
            store.sign_in_attempts,
            store.pending_identities,
            unlimited(),
            self.clock,
            "http://site.test",
        )
        self.linked = LinkedAccountService(
            sign_in, store.users, store.identities, store.sign_in_methods, limits, audit_log, self.clock, gate, mails
        )
        self.registration = MailRegistration(
            store.users, store.mail_links, bcrypt, self.clock, limits, unlimited(), mails, audit_log, gate
        )

    def clock(self) -> datetime:
        return self.now

    @property
    def invitation(self) -> str:
        return f"invitation {self.number}"

    async def add_invitation(self) -> None:
        hashed = hash_of_invitation(self.invitation)
        invitation = Invitation(str(self.number), hashed, "", "root", NOW, NOW + timedelta(days=1), 1)
        await self.store.invitations.add(invitation)

    async def add_link(self) -> None:
        """Add a link of a mail that creates Ann's account."""
        self.link_secret, link = new_link(
            MailLinkKind.REGISTER,
            self.email("ann"),
            NOW,
            user_id=f"u-ann-{self.number}",
            username=f"ann{self.number}",
            invitation_hash=hash_of_invitation(self.invitation),
        )
        await self.store.mail_links.add(link)

    def email(self, name: str) -> str:
        return f"{name}{self.number}@example.com"

    async def register(self, name: str = "ann") -> User:
        typed = Registration(f"{name}{self.number}", self.email(name), PHRASE, self.invitation)
        return await self.accounts.register(typed, ADDRESS)

    async def follow_link(self) -> User:
        return await self.registration.finish(self.link_secret, f"ann{self.number}", PHRASE, ADDRESS)

    async def register_with_provider(self) -> User:
        """Sign in with a provider as a person who has no account, and choose a username."""
        secret, subject = uuid4().hex, f"person {self.number}"
        try:
            user_id = (await self.store.identities.get("work", subject)).user_id
        except NotFoundError:
            user_id = uuid4().hex
        pending = PendingIdentity(
            secret_hash=hash_secret(secret, "pending-identity:"),
            provider="work",
            subject=subject,
            label="Ann",
            email=self.email("ann"),
            email_verified=True,
            user_id=user_id,
            link_to="",
            next_path="",
            expires_at=self.now + timedelta(hours=1),
        )
        await self.store.pending_identities.add(pending, self.now)
        return await self.linked.register(secret, f"ann{self.number}", "", ADDRESS, self.invitation)

    async def exists(self, name: str) -> bool:
        try:
            await self.store.users.get_by_login(f"{name}{self.number}")
        except NotFoundError:
            return False
        return True

    def wait(self) -> None:
        """Let the time pass after which claims of interrupted registrations are resolved."""
        self.now += CLAIM_LIFETIME + timedelta(seconds=1)

    async def check_one_use(self) -> None:
        """Check that one account was created, and that nobody else can register."""
        self.wait()
        with pytest.raises(ForbiddenError):
            await self.register("eve")
        assert [await self.exists(name) for name in ("ann", "bob")].count(True) == 1
        invitations = await self.store.invitations.list_valid(NOW, 1000)
        assert [each.uses for each in invitations if each.invitation_id == str(self.number)] == [1]
        assert await self.store.invitations.claims_before(self.now) == []


@pytest.fixture
def prepare(store: Store) -> Callable[[Faults], Awaitable[World]]:
    numbers = count(1)

    async def prepare(faults: Faults) -> World:
        world = World(store, faults, next(numbers))
        await world.add_invitation()
        await world.add_link()
        return world

    return prepare


Prepare = Callable[[Faults], Awaitable[World]]


async def test_a_person_whose_registration_was_interrupted_registers_a_little_later(prepare: Prepare) -> None:
    async def again(world: World) -> None:
        world.wait()
        await world.register()

    await for_each_fault(prepare, World.register, World.check_one_use, again=again)


async def test_a_person_who_registers_with_a_provider_and_was_interrupted_tries_again(prepare: Prepare) -> None:
    async def again(world: World) -> None:
        world.wait()
        await world.register_with_provider()

    await for_each_fault(prepare, World.register_with_provider, World.check_one_use, again=again)


async def test_a_person_whose_link_was_interrupted_uses_it_again_at_once(prepare: Prepare) -> None:
    await for_each_fault(prepare, World.follow_link, World.check_one_use)


async def test_the_use_of_a_registration_that_was_never_completed_is_left_for_another_person(prepare: Prepare) -> None:
    async def again(world: World) -> None:
        world.wait()
        await world.register("bob")

    for act in (World.register, World.follow_link, World.register_with_provider):
        await for_each_fault(prepare, act, World.check_one_use, again=again)
