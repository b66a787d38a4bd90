"""Rate limits of registrations and wrong passwords."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from streaming_app.backend.client_addresses import limit_key
from streaming_app.backend.rate_limit import RateLimit

_EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """One rate limit for each rule. Addresses are counted by ``limit_key``."""

    failures: RateLimit
    """Wrong passwords from one address."""
    account_failures: RateLimit
    """Wrong passwords for one account, by all unknown browsers together, or by one known browser."""
    registrations: RateLimit
    """New accounts from one address."""
    all_registrations: RateLimit
    """New accounts on the whole site."""
    reset_requests: RateLimit
    """Requests for a password reset link from one address."""
    account_reset_mails: RateLimit
    """Mails with a password reset link to one account."""

    @asynccontextmanager
    async def sign_in(self, address: str, account: str) -> AsyncGenerator["LimitCount"]:
        """Count a sign-in attempt, and uncount it unless the block sets ``keep``; raises ``RateLimitedError``.

        ``account`` identifies the account, and also the browser if the account knows it.
        """
        async with _counted((self.failures, limit_key(address)), (self.account_failures, account)) as count:
            yield count

    @asynccontextmanager
    async def registration(self, address: str) -> AsyncGenerator["LimitCount"]:
        """Count a new account, and uncount it unless the block sets ``keep``; raises ``RateLimitedError``."""
        async with _counted((self.registrations, limit_key(address)), (self.all_registrations, _EVERYBODY)) as count:
            yield count


@dataclass(slots=True)
class LimitCount:
    """A count in several rate limits at once."""

    keep: bool = False
    """Whether the count remains after the block."""


@asynccontextmanager
async def _counted(*limits: tuple[RateLimit, str]) -> AsyncGenerator[LimitCount]:
    count = LimitCount()
    async with AsyncExitStack() as stack:
        for limit, key in limits:
            await limit.spend(key)
            stack.push_async_callback(_give_back, count, limit, key)
        yield count


async def _give_back(count: LimitCount, limit: RateLimit, key: str) -> None:
    if not count.keep:
        await limit.refund(key)
