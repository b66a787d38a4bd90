"""How often accounts may be made and wrong passwords tried, in this process."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from streaming_app.backend.client_addresses import limit_key
from streaming_app.backend.rate_limit import RateLimit

_EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """One token bucket for each rule; addresses count as ``limit_key`` says."""

    failures: RateLimit
    """Wrong passwords from one address."""
    account_failures: RateLimit
    """Wrong passwords for one account by strangers, or by one browser that the account knows."""
    registrations: RateLimit
    """Accounts made from one address."""
    all_registrations: RateLimit
    """Accounts made from anywhere."""

    @contextmanager
    def sign_in(self, address: str, account: str) -> Generator["LimitCount"]:
        """Count a try; raises ``RateLimitedError``. It is taken back unless the block says that the password is wrong.

        ``account`` is whose password is tried, and by which browser if that one is known.
        """
        with _counted((self.failures, limit_key(address)), (self.account_failures, account)) as count:
            yield count

    @contextmanager
    def registration(self, address: str) -> Generator["LimitCount"]:
        """Count an account; raises ``RateLimitedError``. It is taken back unless the block says that it is made."""
        with _counted((self.registrations, limit_key(address)), (self.all_registrations, _EVERYBODY)) as count:
            yield count


@dataclass(slots=True)
class LimitCount:
    """One count in some limits."""

    keep: bool = False
    """Whether it stays when the block ends."""


@contextmanager
def _counted(*limits: tuple[RateLimit, str]) -> Generator[LimitCount]:
    count = LimitCount()
    with ExitStack() as stack:
        for limit, key in limits:
            limit.spend(key)
            stack.callback(_give_back, count, limit, key)
        yield count


def _give_back(count: LimitCount, limit: RateLimit, key: str) -> None:
    if not count.keep:
        limit.refund(key)
