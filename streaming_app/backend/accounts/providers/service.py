"""Sign-in with providers: from the start of a sign-in until its identity belongs to a user."""

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import uuid4

from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.accounts.providers.model import (
    FinishedAttempt,
    PendingIdentity,
    Profile,
    Purpose,
    SignInAttempt,
    SignInProblem,
)
from streaming_app.backend.accounts.providers.pages import NEXT
from streaming_app.backend.accounts.providers.policy import label_of, start_path
from streaming_app.backend.accounts.providers.ports import (
    Identities,
    PendingIdentities,
    ProviderError,
    SignInAttempts,
    SignInProvider,
)
from streaming_app.backend.accounts.secret_hash import hash_secret
from streaming_app.backend.client_addresses import limit_key
from streaming_app.backend.errors import NotFoundError
from streaming_app.backend.rate_limit import RateLimit

log = logging.getLogger(__name__)

ATTEMPT_LIFETIME = timedelta(minutes=10)
"""How long a user may take on the provider's pages."""
PENDING_LIFETIME = timedelta(minutes=30)
"""How long a user may take to choose a username, or to sign in to the account that an identity is linked to."""
CLOCK_DIFFERENCE = timedelta(minutes=1)
"""How far the clocks of the site and of a provider may differ."""
_STATE, _BROWSER, _PENDING = "provider-state:", "provider-browser:", "pending-identity:"


class ProviderSignIn:
    """Starts and finishes sign-ins with providers. Only the browser that started one can finish it, once."""

    def __init__(
        self,
        providers: Mapping[str, SignInProvider],
        users: Users,
        identities: Identities,
        attempts: SignInAttempts,
        pending: PendingIdentities,
        starts: RateLimit,
        now: Callable[[], datetime],
        site_url: str,
    ) -> None:
        """``starts`` limits the sign-ins that one address may start. ``site_url`` has no final slash."""
        self._providers = providers
        self._users = users
        self._identities = identities
        self._attempts = attempts
        self._pending = pending
        self._starts = starts
        self._now = now
        self._site_url = site_url

    @property
    def providers(self) -> Iterable[SignInProvider]:
        """The configured providers, in the order of their buttons."""
        return self._providers.values()

    def name_of(self, provider_id: str) -> str:
        """Return the name of a provider; empty if it is not configured."""
        provider = self._providers.get(provider_id)
        return provider.name if provider else ""

    def start_url(self, provider_id: str, next_path: str = "", purpose: Purpose = Purpose.SIGN_IN) -> str:
        """Return the URL that starts a sign-in, which then opens ``next_path``.

        It is absolute, because the provider sends the browser back to ``site_url``, and needs the cookie there.
        """
        query = urlencode(({NEXT: next_path} if next_path else {}) | ({purpose.value: "1"} if purpose else {}))
        return f"{self._site_url}{start_path(provider_id)}?{query}".removesuffix("?")

    async def start(
        self,
        provider_id: str,
        browser: str,
        address: str,
        next_path: str,
        purpose: Purpose = Purpose.SIGN_IN,
        user_id: str = "",
    ) -> str:
        """Store an attempt, and return the URL of the provider's page that asks the user.

        ``browser`` is a secret that only the user's browser has. ``user_id`` is the id of the signed-in user who links
        an account or authenticates again. Raises ``NotFoundError`` for an unknown provider, ``ProviderError`` and
        ``RateLimitedError``.
        """
        if provider_id not in self._providers:
            raise NotFoundError("This site has no such sign-in.")
        await self._starts.spend(limit_key(address))
        state, nonce, code_verifier = (secrets.token_urlsafe(size) for size in (32, 32, 48))
        again = purpose is Purpose.CONFIRM
        url = await self._providers[provider_id].authorization_url(state, nonce, code_verifier, again=again)
        now = self._now()
        attempt = SignInAttempt(
            state_hash=hash_secret(state, _STATE),
            browser_hash=hash_secret(browser, _BROWSER),
            provider=provider_id,
            nonce=nonce,
            code_verifier=code_verifier,
            next_path=next_path,
            link_to=user_id if purpose is Purpose.LINK else "",
            expires_at=now + ATTEMPT_LIFETIME,
            confirms=user_id if again else "",
        )
        await self._attempts.add(attempt, now)
        return url

    async def finish(self, provider_id: str, browser: str, answer: Mapping[str, str]) -> FinishedAttempt:
        """Finish an attempt with ``answer``, the query with which the provider sent ``browser`` back."""
        was_declined = answer.get("error") == "access_denied"
        attempt = await self._take(provider_id, browser, answer.get("state", ""))
        if attempt is None:
            return FinishedAttempt("", problem=SignInProblem.DECLINED if was_declined else SignInProblem.EXPIRED)
        finished = FinishedAttempt(attempt.next_path, attempt.purpose)
        if "error" in answer:
            return replace(finished, problem=SignInProblem.DECLINED if was_declined else SignInProblem.FAILED)
        try:
            profile = await self._providers[provider_id].fetch_profile(answer, attempt.nonce, attempt.code_verifier)
        except ProviderError as failed:
            log.warning("A sign-in with %s failed: %s", provider_id, failed)
            return replace(finished, problem=SignInProblem.FAILED)
        return await self._identify(attempt, profile, finished)

    async def pending_identity(self, secret: str) -> PendingIdentity:
        """Return the identity that ``finish`` stored with this secret; raises ``NotFoundError``."""
        return await self._pending.get(hash_secret(secret, _PENDING), self._now())

    async def take_pending_identity(self, secret: str) -> PendingIdentity:
        """Remove and return a pending identity, for one caller only; raises ``NotFoundError``."""
        return await self._pending.take(hash_secret(secret, _PENDING), self._now())

    async def _take(self, provider_id: str, browser: str, state: str) -> SignInAttempt | None:
        try:
            attempt = await self._attempts.take(hash_secret(state, _STATE), self._now())
        except NotFoundError:
            return None
        is_same = attempt.browser_hash == hash_secret(browser, _BROWSER) and attempt.provider == provider_id
        return attempt if is_same and provider_id in self._providers else None

    async def _identify(self, attempt: SignInAttempt, profile: Profile, finished: FinishedAttempt) -> FinishedAttempt:
        if attempt.confirms:
            return await self._confirm(attempt, profile, finished)
        try:
            user_id = (await self._identities.get(attempt.provider, profile.subject)).user_id
        except NotFoundError:
            return await self._keep(attempt, profile, finished, uuid4().hex)
        try:
            user = await self._users.get(user_id)
        except NotFoundError:  # the registration was interrupted, or the user was deleted
            return await self._keep(attempt, profile, finished, user_id)
        if attempt.link_to:
            return finished if user_id == attempt.link_to else replace(finished, problem=SignInProblem.LINKED_ELSEWHERE)
        return replace(finished, user=user)

    async def _confirm(self, attempt: SignInAttempt, profile: Profile, finished: FinishedAttempt) -> FinishedAttempt:
        """Accept only an identity of the user who authenticates again, who has just done so at the provider."""
        try:
            user_id = (await self._identities.get(attempt.provider, profile.subject)).user_id
            user = await self._users.get(attempt.confirms)
        except NotFoundError:
            return replace(finished, problem=SignInProblem.OTHER_ACCOUNT)
        if user_id != user.user_id:
            return replace(finished, problem=SignInProblem.OTHER_ACCOUNT)
        started_at = attempt.expires_at - ATTEMPT_LIFETIME
        if profile.authenticated_at and profile.authenticated_at < started_at - CLOCK_DIFFERENCE:
            return replace(finished, problem=SignInProblem.NOT_AGAIN)
        return replace(finished, user=user)

    async def _keep(
        self, attempt: SignInAttempt, profile: Profile, finished: FinishedAttempt, user_id: str
    ) -> FinishedAttempt:
        """Store the identity of nobody until its owner decides what to do with it."""
        secret, now = secrets.token_urlsafe(32), self._now()
        pending = PendingIdentity(
            secret_hash=hash_secret(secret, _PENDING),
            provider=attempt.provider,
            subject=profile.subject,
            label=label_of(profile),
            email=profile.email,
            email_verified=profile.email_verified and profile.email != "",
            user_id=user_id,
            link_to=attempt.link_to,
            next_path=attempt.next_path,
            expires_at=now + PENDING_LIFETIME,
        )
        await self._pending.add(pending, now)
        return replace(finished, pending_secret=secret)
