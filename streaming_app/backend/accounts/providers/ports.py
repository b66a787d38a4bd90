"""Ports of sign-in with providers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, TypeVar

from streaming_app.backend.accounts.providers.model import Identity, PendingIdentity, Profile, SignInAttempt

Record = TypeVar("Record")


class ProviderError(Exception):
    """The provider does not answer, or its answer is invalid. The message is for the log and contains no secrets."""


class SignInProvider(Protocol):
    """A site whose accounts can be used to sign in here."""

    @property
    def provider_id(self) -> str:
        """The id in paths and in the store."""
        ...

    @property
    def name(self) -> str:
        """The name in the texts of pages."""
        ...

    async def authorization_url(self, state: str, nonce: str, code_verifier: str, *, again: bool = False) -> str:
        """Return the URL of the provider's page that asks the user; raises ``ProviderError``.

        With ``again``, the provider should ask users to authenticate even if they are signed in there.
        """
        ...

    async def fetch_profile(self, answer: Mapping[str, str], nonce: str, code_verifier: str) -> Profile:
        """Exchange the code in ``answer``, the query of the callback, for the user's profile.

        Raises ``ProviderError``, also if the provider's answer was made for another site, provider or sign-in.
        """
        ...


class Identities(Protocol):
    """The repository of linked identities."""

    async def add(self, identity: Identity) -> None:
        """Add an identity; do nothing if the same user has it already.

        Raises ``ConflictError`` if another user has it, or if the user has another one of this provider.
        """
        ...

    async def get(self, provider: str, subject: str) -> Identity:
        """Raises ``NotFoundError``."""
        ...

    async def list_by_user(self, user_id: str) -> list[Identity]:
        """Return a user's identities, sorted by provider."""
        ...

    async def remove(self, user_id: str, provider: str) -> None:
        """Delete the identity of this provider of a user who does not exist; do nothing if there is none.

        ``SignInMethods`` unlinks the identities of users.
        """
        ...

    async def remove_all_of(self, user_id: str) -> None:
        """Delete all identities of a user."""
        ...


class ShortLivedRecords(Protocol[Record]):
    """The repository of records that are found by the hash of a secret until they are taken or expire."""

    async def add(self, record: Record, now: datetime) -> None:
        """Store a record, and delete expired ones."""
        ...

    async def get(self, secret_hash: str, now: datetime) -> Record:
        """Return a record; raises ``NotFoundError`` if it is unknown, taken or expired."""
        ...

    async def take(self, secret_hash: str, now: datetime) -> Record:
        """Remove and return a record, for one caller only; raises ``NotFoundError`` as ``get`` does."""
        ...


SignInAttempts = ShortLivedRecords[SignInAttempt]
PendingIdentities = ShortLivedRecords[PendingIdentity]
