"""Passwords by bcrypt."""

import asyncio

import pytest

from streaming_app.backend.adapters.passwords import BcryptPasswords

ROUNDS = 4


@pytest.fixture
def passwords() -> BcryptPasswords:
    return BcryptPasswords(ROUNDS)


async def test_the_password_that_made_a_hash_matches_it(passwords: BcryptPasswords) -> None:
    hashed = await passwords.hash("correct horse")

    assert await passwords.matches("correct horse", hashed)


@pytest.mark.parametrize(
    "other", ["correct hors", "Correct horse", "correct horse ", "", "\0", "\ud800", "x" * 200, "correct horse\0more"]
)
async def test_no_other_password_matches(passwords: BcryptPasswords, other: str) -> None:
    hashed = await passwords.hash("correct horse")

    assert not await passwords.matches(other, hashed)


async def test_a_longer_password_is_not_taken_for_its_first_72_bytes(passwords: BcryptPasswords) -> None:
    hashed = await passwords.hash("é" * 36)

    assert await passwords.matches("é" * 36, hashed)
    assert not await passwords.matches("é" * 36 + "x", hashed)


async def test_the_same_password_never_makes_the_same_hash(passwords: BcryptPasswords) -> None:
    assert await passwords.hash("correct horse") != await passwords.hash("correct horse")


async def test_nobody_has_no_password_that_matches(passwords: BcryptPasswords) -> None:
    assert not await passwords.matches("", None)
    assert not await passwords.matches("correct horse", None)


async def test_hashing_leaves_the_loop_free(passwords: BcryptPasswords) -> None:
    slow = asyncio.ensure_future(BcryptPasswords(rounds=10).hash("correct horse"))
    turns = 0

    while not slow.done():
        turns += 1
        await asyncio.sleep(0)

    assert turns > 1
