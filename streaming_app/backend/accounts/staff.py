"""The ranks of the staff of the site, and what each rank may do. The services check these rules."""

from dataclasses import dataclass

from streaming_app.backend.accounts import policy
from streaming_app.backend.accounts.audit_log import OPERATOR, Party, by_user
from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.errors import ForbiddenError


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who acts with the rights of the staff: a site moderator, an admin, or an operator with a shell."""

    party: Party
    role: SiteRole

    @property
    def is_admin(self) -> bool:
        """Whether they may do everything."""
        return self.role is SiteRole.ADMIN


OPERATOR_STAFF = Staff(OPERATOR, SiteRole.ADMIN)


def is_staff(user: User) -> bool:
    """Whether the user may open the administration."""
    return user.site_role is not SiteRole.USER and not user.banned


def staff_member(user: User, address: str = "") -> Staff:
    """Return the rights of a user who was read just now; ``address`` is their client's, for the audit log.

    Raises ``ForbiddenError`` unless the user is a member of the staff.
    """
    policy.may_use_site(user)
    if not is_staff(user):
        raise ForbiddenError("Only the staff of the site can do that.")
    return Staff(by_user(user, address), user.site_role)


def must_be_admin(actor: Staff) -> None:
    """Raises ``ForbiddenError`` for site moderators."""
    if not actor.is_admin:
        raise ForbiddenError("Only admins can do that.")


def must_outrank(actor: Staff, target: User) -> None:
    """Raises ``ForbiddenError`` unless ``actor`` may suspend and sign out ``target``: a user of a lower rank."""
    is_operator = actor is OPERATOR_STAFF
    if not is_operator and actor.role.rank <= target.site_role.rank:
        raise ForbiddenError("You can only do that to users with a lower role than yours.")


def may_change_role(actor: Staff, target: User) -> None:
    """Raises ``ForbiddenError`` unless ``actor`` is an admin, and not ``target``.

    Nobody changes their own role, so a site with an admin cannot lose the last one by mistake.
    """
    must_be_admin(actor)
    if actor.party.party_id == target.user_id:
        raise ForbiddenError("You can't change your own role. Another admin can.")
