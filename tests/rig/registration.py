"""The gates of sites with different registration modes, for services that create accounts."""

from collections.abc import Callable
from datetime import datetime

from streaming_app.backend.accounts.registration_gate import RegistrationGate, RegistrationMode
from streaming_app.backend.adapters.store import Store


def open_gate(store: Store, now: Callable[[], datetime]) -> RegistrationGate:
    """Return the gate of a site on which everybody may register."""
    return RegistrationGate(RegistrationMode.OPEN, store.invitations, store.users, now)


def invitation_gate(store: Store, now: Callable[[], datetime]) -> RegistrationGate:
    """Return the gate of a site on which people with an invitation may register."""
    return RegistrationGate(RegistrationMode.INVITATION, store.invitations, store.users, now)
