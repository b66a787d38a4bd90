"""The registration modes: who may create an account, in each way to do it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from streaming_app.backend.accounts.invitations import InvitationService, hash_of_invitation
from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.accounts.staff import OPERATOR_STAFF, Staff, staff_member
from streaming_app.backend.bootstrap import Backend, now, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import ForbiddenError, InvalidError, StoreUnavailableError, TakenError
from tests.rig.password_hashing import with_quick_hashes

ADDRESS = "192.0.2.1"
PHRASE = "correct horse"
OpenSite = Callable[[str], Any]


@pytest.fixture
async def open_site(tmp_path: Path) -> AsyncIterator[OpenSite]:
    """Open a site with a registration mode."""
    async with AsyncExitStack() as stack:

        async def open_site(mode: str) -> Backend:
            values = {"data_dir": tmp_path / "data", "supervise": "none", "registration": mode}
            settings = with_quick_hashes(Settings.model_validate(values))
            return await stack.enter_async_context(open_backend(settings))

        yield open_site


def typed(name: str, invitation: str = "") -> Registration:
    return Registration(name, f"{name}@example.com", PHRASE, invitation)


async def test_everybody_registers_on_an_open_site(open_site: OpenSite) -> None:
    site = await open_site("open")

    assert (await site.accounts.register(typed("ann", "any text"), ADDRESS)).username == "ann"


async def test_nobody_registers_on_a_closed_site(open_site: OpenSite) -> None:
    site = await open_site("closed")
    secret = await site.invitations.create(OPERATOR_STAFF, "1", "1 day", "")

    with pytest.raises(ForbiddenError, match="closed"):
        await site.accounts.register(typed("ann", secret), ADDRESS)
    with pytest.raises(ForbiddenError, match="closed"):
        await site.registration.request("ann", "ann@example.com", ADDRESS, secret)


async def test_one_person_registers_with_each_use_of_an_invitation(open_site: OpenSite) -> None:
    site = await open_site("invitation")
    secret = await site.invitations.create(OPERATOR_STAFF, "2", "1 day", "the band")

    for name, invitation in (("ann", ""), ("ann", "wrong")):
        with pytest.raises(ForbiddenError, match="invitation"):
            await site.accounts.register(typed(name, invitation), ADDRESS)
    for name in ("ann", "bob"):
        await site.accounts.register(typed(name, secret), ADDRESS)
    with pytest.raises(ForbiddenError, match="invitation"):
        await site.accounts.register(typed("eve", secret), ADDRESS)

    assert (await site.accounts.register(typed("bob", secret), ADDRESS)).username == "bob"  # sent again
    [invitation] = await site.invitations.list_valid(OPERATOR_STAFF)
    assert (invitation.uses, invitation.uses_max) == (2, 2)
    assert secret not in str(await site.audit_log.newest(20))


async def test_a_refused_registration_uses_no_invitation(open_site: OpenSite) -> None:
    site = await open_site("invitation")
    secret = await site.invitations.create(OPERATOR_STAFF, "5", "1 day", "")
    await site.accounts.register(typed("ann", secret), ADDRESS)

    for wrong in (Registration("ann", "other@example.com", PHRASE, secret), Registration("x", "x", "x", secret)):
        with pytest.raises((TakenError, InvalidError)):
            await site.accounts.register(wrong, ADDRESS)

    assert (await site.invitations.list_valid(OPERATOR_STAFF))[0].uses == 1


async def test_a_failed_creation_gives_its_use_back(open_site: OpenSite) -> None:
    site = await open_site("invitation")
    hashed = hash_of_invitation(await site.invitations.create(OPERATOR_STAFF, "1", "1 day", ""))
    gate = site.registration_gate

    with pytest.raises(TakenError):
        async with gate.admit("u-ann", hashed):
            raise TakenError("username", "This username is taken.")

    await gate.check(hashed)
    async with gate.admit("u-ann", hashed):
        with pytest.raises(ForbiddenError):
            await gate.check(hashed)


async def test_the_use_of_an_account_that_exists_is_not_given_back(open_site: OpenSite) -> None:
    site = await open_site("invitation")
    hashed = hash_of_invitation(await site.invitations.create(OPERATOR_STAFF, "1", "1 day", ""))

    async def register_without_an_answer() -> None:
        async with site.registration_gate.admit("u-ann", hashed):
            await site.store.users.add(User("u-ann", "ann", "ann@example.com", "", now()))
            raise StoreUnavailableError

    with pytest.raises(StoreUnavailableError):
        await register_without_an_answer()

    with pytest.raises(ForbiddenError):
        await site.registration_gate.check(hashed)


async def test_a_revoked_invitation_does_not_admit(open_site: OpenSite) -> None:
    site = await open_site("invitation")
    secret = await site.invitations.create(OPERATOR_STAFF, "1", "1 day", "")
    [invitation] = await site.invitations.list_valid(OPERATOR_STAFF)

    await site.invitations.revoke(OPERATOR_STAFF, invitation.invitation_id)

    with pytest.raises(ForbiddenError):
        await site.accounts.register(typed("ann", secret), ADDRESS)


async def test_only_admins_handle_invitations(open_site: OpenSite) -> None:
    site = await open_site("invitation")
    moderator: Staff = staff_member(User("u", "mod", "m@example.com", "", now(), site_role=SiteRole.MODERATOR))
    invitations: InvitationService = site.invitations

    for refused in (
        invitations.create(moderator, "1", "1 day", ""),
        invitations.list_valid(moderator),
        invitations.revoke(moderator, "1"),
    ):
        with pytest.raises(ForbiddenError):
            await refused


@pytest.mark.parametrize(
    ("uses", "lifetime", "note", "field"),
    [
        ("0", "1 day", "", "uses"),
        ("1001", "1 day", "", "uses"),
        ("two", "1 day", "", "uses"),
        ("²", "1 day", "", "uses"),
        ("1", "1 year", "", "lifetime"),
        ("1", "1 day", "x" * 81, "note"),
    ],
)
async def test_wrong_invitations_are_refused(
    open_site: OpenSite, uses: str, lifetime: str, note: str, field: str
) -> None:
    site = await open_site("invitation")

    with pytest.raises(InvalidError) as refused:
        await site.invitations.create(OPERATOR_STAFF, uses, lifetime, note)

    assert refused.value.field == field
