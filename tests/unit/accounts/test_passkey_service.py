"""Passkeys, with real signatures and a real store."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.authenticator_app import AuthenticatorApp
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.passkey_service import (
    CHALLENGE_LIFETIME,
    NAME_MAX,
    PASSKEYS_MAX,
    PasskeyService,
)
from streaming_app.backend.accounts.passkeys import RelyingParty, relying_party
from streaming_app.backend.accounts.providers.model import Identity
from streaming_app.backend.accounts.same_origin import read_origin
from streaming_app.backend.adapters.development_mailbox import DevelopmentMailbox
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.adapters.webauthn_verifier import ANSWER_MAX, WebAuthnVerifier
from streaming_app.backend.errors import ConflictError, ForbiddenError, InvalidError, RateLimitedError
from streaming_app.backend.rate_limit import RateLimit
from tests.rig.audit import audit_log_of
from tests.rig.passkey_device import USER_PRESENT, USER_VERIFIED, PasskeyDevice
from tests.rig.sessions import session_service_of

START = datetime(2026, 11, 28, 12, tzinfo=UTC)
ANN = User("u-ann", "Ann", "ann@example.com", "hash", START)
BOB = User("u-bob", "Bob", "bob@example.com", "hash", START)
SITE = RelyingParty("live.example.com", "https://live.example.com")
ADDRESS = "192.0.2.1"
TRIES = 3


@dataclass
class Site:
    store: SqliteStore
    now: datetime = START

    def __post_init__(self) -> None:
        store, log = self.store, audit_log_of(self.store, self.clock)
        self.mailbox = DevelopmentMailbox("https://live.example.com", self.clock)
        self.mails = AccountMails(self.mailbox, "https://live.example.com")
        self.sessions = session_service_of(store, LocalBus(self.clock), self.clock, log)
        limit = RateLimit(TRIES, timedelta(hours=1), lambda: 0.0, "Too many.")
        self.passkeys = PasskeyService(
            store.users,
            store.passkeys,
            store.sign_in_methods,
            {"google"},
            WebAuthnVerifier(),
            self.sessions,
            self.clock,
            limit,
            log,
            self.mails,
        )

    def clock(self) -> datetime:
        return self.now

    async def add(self, device: PasskeyDevice, user: User = ANN, name: str = "phone") -> None:
        """Add a passkey of the device to the account."""
        challenge = await self.passkeys.start_registration(user, SITE)
        await self.passkeys.register(user, SITE, challenge, device.create(challenge.options), name, ADDRESS)

    async def sign_in(self, device: PasskeyDevice, user: User | None = None) -> str:
        """Sign in and return the ticket."""
        challenge = await self.passkeys.start_sign_in(SITE, user)
        return await self.passkeys.sign_in(SITE, challenge, device.sign(challenge.options), ADDRESS, user)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_store(":memory:") as store:
        await store.users.add(ANN)
        await store.users.add(BOB)
        yield Site(store)


async def test_a_passkey_signs_in_its_owner(site: Site) -> None:
    device = PasskeyDevice()
    await site.add(device)
    await site.add(PasskeyDevice(), BOB)
    site.now += timedelta(hours=1)

    signed_in = await site.sessions.redeem(await site.sign_in(device))

    assert signed_in.user == ANN
    [passkey] = await site.passkeys.list_by_user("u-ann")
    assert (passkey.name, passkey.added_at, passkey.used_at, passkey.sign_count) == ("phone", START, site.now, 1)


async def test_a_passkey_is_created_on_the_device_and_verifies_its_user(site: Site) -> None:
    await site.add(PasskeyDevice())
    options = json.loads((await site.passkeys.start_registration(ANN, SITE)).options)

    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert len(options["excludeCredentials"]) == 1
    assert json.loads((await site.passkeys.start_sign_in(SITE)).options)["userVerification"] == "required"


async def test_a_passkey_replaces_password_and_second_step(site: Site) -> None:
    device = PasskeyDevice()
    await site.add(device)
    await site.store.authenticator_apps.add(AuthenticatorApp("u-ann", b"sealed", START, 0, ()))

    assert (await site.sessions.redeem(await site.sign_in(device))).user == ANN


@pytest.mark.parametrize(
    "spoil",
    [
        lambda device: setattr(device, "origin", "https://evil.example"),
        lambda device: setattr(device, "origin", "http://live.example.com"),
        lambda device: setattr(device, "flags", USER_PRESENT),
        lambda device: setattr(device, "flags", USER_VERIFIED),
        lambda device: setattr(device, "key", PasskeyDevice().key),
        lambda device: setattr(device, "key_id", b"unknown"),
        lambda device: setattr(device, "counter", -1),
        lambda device: setattr(device, "user_handle", b"u-bob"),
    ],
    ids=["other site", "no tls", "no verification", "absent", "other key", "unknown", "counted back", "other user"],
)
async def test_an_invalid_answer_signs_nobody_in(site: Site, spoil: Callable[[PasskeyDevice], None]) -> None:
    device = PasskeyDevice()
    await site.add(device)
    await site.sign_in(device)

    spoil(device)

    with pytest.raises(ForbiddenError):
        await site.sign_in(device)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://live.example.com"])
async def test_a_passkey_of_another_page_is_not_added(site: Site, origin: str) -> None:
    for device in (PasskeyDevice(origin=origin), PasskeyDevice(flags=USER_PRESENT)):
        with pytest.raises(ForbiddenError):
            await site.add(device)

    assert await site.passkeys.list_by_user("u-ann") == []


async def test_an_answer_to_another_challenge_is_refused(site: Site) -> None:
    device = PasskeyDevice()
    await site.add(device)
    first, second = await site.passkeys.start_sign_in(SITE), await site.passkeys.start_sign_in(SITE)

    with pytest.raises(ForbiddenError):
        await site.passkeys.sign_in(SITE, second, device.sign(first.options), ADDRESS)


async def test_an_answer_is_not_accepted_again_if_the_device_counts(site: Site) -> None:
    device = PasskeyDevice()
    await site.add(device)
    challenge = await site.passkeys.start_sign_in(SITE)
    answer = device.sign(challenge.options)
    await site.passkeys.sign_in(SITE, challenge, answer, ADDRESS)

    with pytest.raises(ForbiddenError):
        await site.passkeys.sign_in(SITE, challenge, answer, ADDRESS)


async def test_a_passkey_that_does_not_count_signs_in_again_and_again(site: Site) -> None:
    device = PasskeyDevice(counts=False)
    await site.add(device)

    assert await site.sign_in(device)
    assert await site.sign_in(device)


async def test_a_challenge_expires(site: Site) -> None:
    device = PasskeyDevice()
    await site.add(device)
    sign_in, registration = (
        await site.passkeys.start_sign_in(SITE),
        await site.passkeys.start_registration(ANN, SITE),
    )
    site.now += CHALLENGE_LIFETIME

    with pytest.raises(ForbiddenError, match="too long"):
        await site.passkeys.sign_in(SITE, sign_in, device.sign(sign_in.options), ADDRESS)
    answer = PasskeyDevice().create(registration.options)
    with pytest.raises(ForbiddenError, match="too long"):
        await site.passkeys.register(ANN, SITE, registration, answer, "", ADDRESS)


async def test_a_confirmation_needs_a_passkey_of_the_same_user(site: Site) -> None:
    anns, bobs = PasskeyDevice(), PasskeyDevice()
    await site.add(anns)
    await site.add(bobs, BOB)

    assert await site.sign_in(anns, ANN)
    with pytest.raises(ForbiddenError, match="another account"):
        await site.sign_in(bobs, ANN)


async def test_a_suspended_user_is_refused(site: Site) -> None:
    device = PasskeyDevice()
    await site.add(device)
    await site.store.users.set_banned("u-ann", banned=True)

    with pytest.raises(ForbiddenError, match="suspended"):
        await site.sign_in(device)


@pytest.mark.parametrize(
    "answer",
    [
        *("", "null", "[]", "{}", '"text"', "{", "[" * 10_000, "x" * (ANSWER_MAX + 1)),
        *('{"error": "NotAllowedError"}', '{"error": "InvalidStateError"}', '{"error": {}}', '{"error": 1}'),
        '{"id": "a", "rawId": "a", "type": "public-key", "response": {"clientDataJSON": "\\u00e9"}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA", "signature": "AA"}}',
        '{"id": "A", "rawId": "A", "type": "public-key", "response": {"clientDataJSON": "", "attestationObject": ""}}',
    ],
)
async def test_nonsense_instead_of_an_answer_is_refused(site: Site, answer: str) -> None:
    sign_in, registration = (
        await site.passkeys.start_sign_in(SITE),
        await site.passkeys.start_registration(ANN, SITE),
    )

    with pytest.raises(ForbiddenError):
        await site.passkeys.sign_in(SITE, sign_in, answer, ADDRESS)
    with pytest.raises(ForbiddenError):
        await site.passkeys.register(ANN, SITE, registration, answer, "", ADDRESS)


async def test_refused_passkeys_are_limited_for_each_address(site: Site) -> None:
    device = PasskeyDevice()
    await site.add(device)
    for _ in range(TRIES):
        with pytest.raises(ForbiddenError):
            await site.sign_in(PasskeyDevice())

    with pytest.raises(RateLimitedError):
        await site.sign_in(device)


async def test_a_removed_passkey_does_not_sign_in(site: Site) -> None:
    device = PasskeyDevice()
    await site.add(device)
    [passkey] = await site.passkeys.list_by_user("u-ann")

    await site.passkeys.remove(BOB, passkey.public_id, ADDRESS)
    assert await site.sign_in(device)
    await site.passkeys.remove(ANN, passkey.public_id, ADDRESS)

    with pytest.raises(ForbiddenError, match="removed"):
        await site.sign_in(device)
    audited = [entry.action for entry in await site.store.audit_log.newest(9)]
    assert audited == ["sign_in_method_removed", "sign_in_method_added"]
    await site.mails.wait_until_sent()
    assert {kept.mail.subject.partition(" - ")[0] for kept in site.mailbox.mails()} == {
        "A passkey was added to your account",
        "A passkey was removed from your account",
    }


async def test_the_only_way_to_sign_in_is_not_removed(site: Site) -> None:
    await site.store.users.replace_password_hash("u-ann", "hash", "")
    device, user = PasskeyDevice(), replace(ANN, password_hash="")
    await site.add(device, user)
    [passkey] = await site.passkeys.list_by_user("u-ann")
    await site.store.identities.add(Identity("gone", "1", "u-ann", "Ann", START))

    with pytest.raises(ForbiddenError, match="only way"):
        await site.passkeys.remove(user, passkey.public_id, ADDRESS)

    assert await site.sign_in(device)
    await site.store.identities.add(Identity("google", "1", "u-ann", "Ann", START))
    await site.passkeys.remove(user, passkey.public_id, ADDRESS)
    assert await site.passkeys.list_by_user("u-ann") == []


async def test_names_and_the_number_of_passkeys_are_limited(site: Site) -> None:
    await site.add(PasskeyDevice(), name=" ")
    with pytest.raises(InvalidError):
        await site.add(PasskeyDevice(), name="x" * (NAME_MAX + 1))
    for _ in range(PASSKEYS_MAX - 1):
        await site.add(PasskeyDevice())

    with pytest.raises(ConflictError):
        await site.passkeys.start_registration(ANN, SITE)
    assert {each.name for each in await site.passkeys.list_by_user("u-ann")} == {"Passkey", "phone"}


@pytest.mark.parametrize(
    ("page", "public", "domain"),
    [
        ("https://live.example.com", "", "live.example.com"),
        ("https://live.example.com:8443", "https://live.example.com:8443", "live.example.com"),
        ("http://localhost:8080", "", "localhost"),
        ("http://site.localhost", "", "site.localhost"),
    ],
)
def test_passkeys_work_on_the_domain_of_the_page(page: str, public: str, domain: str) -> None:
    assert relying_party(read_origin(page), read_origin(public)) == RelyingParty(domain, page)


@pytest.mark.parametrize(
    ("page", "public", "reason"),
    [
        ("", "", "Your browser"),
        ("null", "", "Your browser"),
        ("http://127.0.0.1:8080", "", "domain name"),
        ("https://192.0.2.7", "", "domain name"),
        ("https://[2001:db8::1]", "", "domain name"),
        ("http://live.example.com", "", "https"),
        ("http://localhost:8080", "https://live.example.com", "only on https://live.example.com"),
    ],
)
def test_passkeys_are_unavailable_elsewhere(page: str, public: str, reason: str) -> None:
    with pytest.raises(ConflictError, match=reason):
        relying_party(read_origin(page), read_origin(public))
