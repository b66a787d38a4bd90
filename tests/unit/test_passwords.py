"""Passwords by bcrypt."""

import asyncio

import bcrypt
import pytest

from streaming_app.backend.accounts.policy import check_password
from streaming_app.backend.adapters.passwords import BcryptPasswords

ROUNDS = 4
ADDRESS = "192.0.2.1"
COMPOSED, DECOMPOSED = "P\u00e4ssw\u00f6rd-\u00e91", "Pa\u0308sswo\u0308rd-e\u03011"


@pytest.fixture
def passwords() -> BcryptPasswords:
    return BcryptPasswords(ROUNDS)


def old_hash(password: str) -> str:
    """As hashes were made before passwords had a normal form."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()


async def test_the_password_that_made_a_hash_matches_it(passwords: BcryptPasswords) -> None:
    hashed = await passwords.hash("correct horse", ADDRESS)

    assert await passwords.matches("correct horse", hashed, ADDRESS)


@pytest.mark.parametrize(
    "other", ["correct hors", "Correct horse", "correct horse ", "", "\0", "\ud800", "x" * 200, "correct horse\0more"]
)
async def test_no_other_password_matches(passwords: BcryptPasswords, other: str) -> None:
    for hashed in (await passwords.hash("correct horse", ADDRESS), old_hash("correct horse")):
        assert not await passwords.matches(other, hashed, ADDRESS)


@pytest.mark.parametrize("made_by", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
async def test_one_password_is_the_same_however_its_letters_are_composed(
    passwords: BcryptPasswords, made_by: str, typed: str
) -> None:
    new = await passwords.hash(check_password(made_by), ADDRESS)

    assert await passwords.matches(typed, new, ADDRESS)
    assert await passwords.matches(typed, old_hash(made_by), ADDRESS)


async def test_full_width_letters_are_the_letters(passwords: BcryptPasswords) -> None:
    hashed = await passwords.hash(check_password("\uff21\uff22\uff23pass123"), ADDRESS)

    assert await passwords.matches("ABCpass123", hashed, ADDRESS)


async def test_every_byte_of_a_long_password_counts(passwords: BcryptPasswords) -> None:
    hashed = await passwords.hash("é" * 200, ADDRESS)

    assert await passwords.matches("é" * 200, hashed, ADDRESS)
    assert not await passwords.matches("é" * 199, hashed, ADDRESS)
    assert not await passwords.matches("é" * 200 + "x", hashed, ADDRESS)


async def test_a_longer_password_is_not_taken_for_the_72_bytes_of_an_old_hash(passwords: BcryptPasswords) -> None:
    assert await passwords.matches("x" * 72, old_hash("x" * 72), ADDRESS)
    assert not await passwords.matches("x" * 73, old_hash("x" * 72), ADDRESS)


async def test_an_old_hash_is_renewed_and_a_new_one_is_not(passwords: BcryptPasswords) -> None:
    renewed = await passwords.rehash(DECOMPOSED, old_hash(DECOMPOSED), ADDRESS)

    assert await passwords.matches(COMPOSED, renewed, ADDRESS)
    assert await passwords.rehash(COMPOSED, renewed, ADDRESS) == ""


async def test_the_same_password_never_makes_the_same_hash(passwords: BcryptPasswords) -> None:
    assert await passwords.hash("correct horse", ADDRESS) != await passwords.hash("correct horse", ADDRESS)


async def test_nobody_has_no_password_that_matches(passwords: BcryptPasswords) -> None:
    assert not await passwords.matches("", None, ADDRESS)
    assert not await passwords.matches("correct horse", None, ADDRESS)


async def test_hashing_leaves_the_loop_free(passwords: BcryptPasswords) -> None:
    slow = asyncio.ensure_future(BcryptPasswords(rounds=10).hash("correct horse", ADDRESS))
    turns = 0

    while not slow.done():
        turns += 1
        await asyncio.sleep(0)

    assert turns > 1
