"""Hashing and encryption of the secrets of stream keys."""

import string

import pytest

from streaming_app.backend.adapters.stream_keys import SealedStreamKeys
from streaming_app.backend.errors import ConflictError

KEYS = SealedStreamKeys(hash_key=b"h" * 32, seal_key=b"s" * 32)


def test_secrets_are_long_url_safe_and_unique() -> None:
    secrets = {KEYS.new_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert all(len(secret) >= 32 for secret in secrets)
    assert set("".join(secrets)) <= set(string.ascii_letters + string.digits + "-_")


def test_an_encrypted_secret_can_be_decrypted_and_is_not_readable() -> None:
    sealed = KEYS.seal("my-secret")

    assert KEYS.open(sealed) == "my-secret"
    assert b"my-secret" not in sealed


def test_encrypting_twice_gives_different_ciphertexts() -> None:
    assert KEYS.seal("my-secret") != KEYS.seal("my-secret")


def test_a_secret_encrypted_with_another_key_cannot_be_decrypted() -> None:
    others = SealedStreamKeys(hash_key=b"h" * 32, seal_key=b"t" * 32)

    with pytest.raises(ConflictError, match=r"SECRET_KEY changed\. Create a new key"):
        others.open(KEYS.seal("my-secret"))


def test_a_damaged_ciphertext_cannot_be_decrypted() -> None:
    sealed = KEYS.seal("my-secret")

    with pytest.raises(ConflictError):
        KEYS.open(sealed[:-4])


def test_the_hash_is_the_same_for_the_same_secret_and_key() -> None:
    others = SealedStreamKeys(hash_key=b"i" * 32, seal_key=b"s" * 32)

    assert KEYS.hash("my-secret") == KEYS.hash("my-secret")
    assert KEYS.hash("my-secret") != KEYS.hash("my-secreT")
    assert KEYS.hash("my-secret") != others.hash("my-secret")


@pytest.mark.parametrize("junk", ["", "\0", "é" * 10_000, "\ud800"])
def test_any_text_can_be_hashed(junk: str) -> None:
    assert len(KEYS.hash(junk)) == 64
