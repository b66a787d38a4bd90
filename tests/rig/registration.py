"""A gate that everybody may pass, for services that create accounts."""

from collections.abc import Callable
from datetime import datetime

from streaming_app.backend.accounts.registration_gate import RegistrationGate, RegistrationMode
from streaming_app.backend.adapters.store import Store


def open_gate(store: Store, now: Callable[[], datetime]) -> RegistrationGate:
    """Return the gate of a site on which everybody may register."""
    return RegistrationGate(RegistrationMode.OPEN, store.invitations, now)
