"""A device with passkeys, as a browser shows it to the site: real keys and signatures, without a browser."""

import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

USER_PRESENT, USER_VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


@dataclass
class PasskeyDevice:
    """One passkey. Each property can be changed, to play a wrong or hostile device."""

    origin: str = "https://live.example.com"
    flags: int = USER_PRESENT | USER_VERIFIED
    counter: int = 0
    """The number of the last use. 0 means that the device does not count."""
    counts: bool = True
    user_handle: bytes = b""
    key_id: bytes = field(default_factory=lambda: os.urandom(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: str) -> str:
        """Answer the options for a new passkey."""
        asked = json.loads(options)
        self.user_handle = base64url_to_bytes(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        credential = bytes(16) + len(self.key_id).to_bytes(2) + self.key_id + encode_cbor(public)
        data = self._data(asked["rp"]["id"], HAS_KEY) + credential
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer(clientDataJSON=client, attestationObject=attestation)

    def sign(self, options: str) -> str:
        """Answer the options of a sign-in."""
        asked = json.loads(options)
        self.counter += self.counts
        data, client = self._data(asked["rpId"]), self._client("webauthn.get", asked["challenge"])
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client, authenticatorData=data, signature=signature, userHandle=self.user_handle
        )

    def _data(self, domain: str, flags: int = 0) -> bytes:
        return sha256(domain.encode()).digest() + bytes([self.flags | flags]) + self.counter.to_bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **response: bytes) -> str:
        encoded: dict[str, Any] = {name: bytes_to_base64url(value) for name, value in response.items()}
        key_id = bytes_to_base64url(self.key_id)
        return json.dumps({"id": key_id, "rawId": key_id, "type": "public-key", "response": encoded})
