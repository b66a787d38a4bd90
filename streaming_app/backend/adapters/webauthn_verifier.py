"""Passkeys by the library ``webauthn``. Every passkey is discoverable, and verifies its user."""

import json
import struct
from collections.abc import Callable
from typing import TypeVar

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from streaming_app.backend.accounts.mails import SITE_NAME
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.passkeys import NewKey, Passkey, RelyingParty
from streaming_app.backend.errors import ForbiddenError

T = TypeVar("T")

ANSWER_MAX = 16_384
"""Maximum length of an answer; real ones have about 1,000 characters."""
TIMEOUT_MS = 300_000
"""How long a browser waits for its user."""

_INVALID = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError, struct.error)
"""What the library raises for an answer that no browser has sent."""


class WebAuthnVerifier:
    """Implements ``accounts.passkeys.PasskeyVerifier``."""

    def registration_options(self, party: RelyingParty, user: User, challenge: bytes, known: list[Passkey]) -> str:
        options = generate_registration_options(
            rp_id=party.domain,
            rp_name=SITE_NAME,
            user_id=user.user_id.encode(),
            user_name=user.username,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(known),
        )
        return options_to_json(options)

    def sign_in_options(self, party: RelyingParty, challenge: bytes, allowed: list[Passkey]) -> str:
        options = generate_authentication_options(
            rp_id=party.domain,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            allow_credentials=_descriptors(allowed),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json(options)

    def verify_registration(self, party: RelyingParty, challenge: bytes, answer: str) -> NewKey:
        verified = _verified(
            lambda: verify_registration_response(
                credential=_checked(answer),
                expected_challenge=challenge,
                expected_rp_id=party.domain,
                expected_origin=party.origin,
                require_user_verification=True,
            )
        )
        key_id = bytes_to_base64url(verified.credential_id)
        return NewKey(key_id, verified.credential_public_key, verified.sign_count)

    def passkey_id_of(self, answer: str) -> str:
        return bytes_to_base64url(_verified(lambda: parse_authentication_credential_json(_checked(answer)).raw_id))

    def verify_sign_in(self, party: RelyingParty, challenge: bytes, answer: str, passkey: Passkey) -> int:
        handle = _verified(lambda: parse_authentication_credential_json(_checked(answer)).response.user_handle)
        if handle is not None and handle != passkey.user_id.encode():
            raise _refused()
        verified = _verified(
            lambda: verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=party.domain,
                expected_origin=party.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        )
        return verified.new_sign_count


def _descriptors(passkeys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.passkey_id)) for each in passkeys]


def _checked(answer: str) -> str:
    """Return the answer; raises ``ForbiddenError`` if it is too long, or the browser reports an error."""
    if len(answer) > ANSWER_MAX:
        raise _refused()
    problem = json.loads(answer).get("error") if answer.startswith('{"error"') else None
    if problem == "InvalidStateError":
        raise ForbiddenError("This device has a passkey for your account already.")
    if problem == "NotSupportedError":
        raise ForbiddenError("This browser or device does not support passkeys.")
    if problem:
        raise ForbiddenError("No passkey was used. Try again, or choose another way.")
    return answer


def _verified(work: Callable[[], T]) -> T:
    try:
        return work()
    except _INVALID:
        raise _refused() from None


def _refused() -> ForbiddenError:
    return ForbiddenError("This passkey can't be used here. Try again.")
