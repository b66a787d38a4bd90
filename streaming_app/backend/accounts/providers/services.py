"""The services of sign-in with providers, as one object."""

from dataclasses import dataclass

from streaming_app.backend.accounts.providers.linked_accounts import LinkedAccountService
from streaming_app.backend.accounts.providers.service import ProviderSignIn


@dataclass(frozen=True, slots=True)
class ProviderServices:
    """The services of sign-in with providers."""

    sign_in: ProviderSignIn
    linked_accounts: LinkedAccountService
