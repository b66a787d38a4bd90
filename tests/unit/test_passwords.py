"""Hashing and comparing passwords."""

import asyncio

import bcrypt
import pytest

from streaming_app.backend.accounts.policy import check_password
from streaming_app.backend.adapters.passwords import BcryptPasswords, concurrent_hashes
from tests.rig.password_hashing import bcrypt_passwords

ROUNDS = 4
ADDRESS = "192.0.2.1"
COMPOSED, DECOMPOSED = "P\u00e4ssw\u00f6rd-\u00e91", "Pa\u0308sswo\u0308rd-e\u03011"


@pytest.fixture
def passwords() -> BcryptPasswords:
    return bcrypt_passwords(ROUNDS)


def old_hash(password: str) -> str:
    """Return a hash as older versions of the site created it."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()


STORED = {
    "bcrypt of the typed password": (
        "correct horse battery",
        "$2b$04$SaiWzzdrE0yuPy4JjdKKQO/JV.n1U/kmw.JKHiPbcYUYBbMFumGEG",
    ),
    "bcrypt of a decomposed password": (DECOMPOSED, "$2b$04$.bcRaW1b582IRJZakcosGu23ZelGC59SH7lkig7Zzbh8iCpX0ySQe"),
    "bcrypt of a digest": (
        "correct horse battery",
        "hmac-sha256:$2b$04$gR3bY9iQ5jAkfU7mqiUZ4u.C2M9cxSJ1Q6holfXEi15tqnd4JlBbe",
    ),
}
"""A password and its hash in each format that stores contain. The hashes must match for ever."""


@pytest.mark.parametrize("kind", STORED)
async def test_a_hash_in_each_stored_format_matches_its_password(passwords: BcryptPasswords, kind: str) -> None:
    password, stored = STORED[kind]

    assert await passwords.matches(password, stored, ADDRESS)
    assert not await passwords.matches(password + "x", stored, ADDRESS)


async def test_a_password_matches_its_hash(passwords: BcryptPasswords) -> None:
    hashed = await passwords.hash("correct horse", ADDRESS)

    assert await passwords.matches("correct horse", hashed, ADDRESS)


@pytest.mark.parametrize(
    "other", ["correct hors", "Correct horse", "correct horse ", "", "\0", "\ud800", "x" * 200, "correct horse\0more"]
)
async def test_other_passwords_do_not_match(passwords: BcryptPasswords, other: str) -> None:
    for hashed in (await passwords.hash("correct horse", ADDRESS), old_hash("correct horse")):
        assert not await passwords.matches(other, hashed, ADDRESS)


@pytest.mark.parametrize("made_by", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
async def test_a_password_matches_in_any_unicode_composition(
    passwords: BcryptPasswords, made_by: str, typed: str
) -> None:
    new = await passwords.hash(check_password(made_by), ADDRESS)

    assert await passwords.matches(typed, new, ADDRESS)
    assert await passwords.matches(typed, old_hash(made_by), ADDRESS)


async def test_full_width_letters_match_normal_letters(passwords: BcryptPasswords) -> None:
    hashed = await passwords.hash(check_password("\uff21\uff22\uff23pass123"), ADDRESS)

    assert await passwords.matches("ABCpass123", hashed, ADDRESS)


async def test_every_byte_of_a_long_password_is_significant(passwords: BcryptPasswords) -> None:
    hashed = await passwords.hash("é" * 200, ADDRESS)

    assert await passwords.matches("é" * 200, hashed, ADDRESS)
    assert not await passwords.matches("é" * 199, hashed, ADDRESS)
    assert not await passwords.matches("é" * 200 + "x", hashed, ADDRESS)


async def test_a_longer_password_does_not_match_the_72_bytes_of_an_old_hash(passwords: BcryptPasswords) -> None:
    assert await passwords.matches("x" * 72, old_hash("x" * 72), ADDRESS)
    assert not await passwords.matches("x" * 73, old_hash("x" * 72), ADDRESS)


async def test_only_an_old_hash_is_replaced(passwords: BcryptPasswords) -> None:
    renewed = await passwords.rehash(DECOMPOSED, old_hash(DECOMPOSED), ADDRESS)

    assert await passwords.matches(COMPOSED, renewed, ADDRESS)
    assert await passwords.rehash(COMPOSED, renewed, ADDRESS) == ""


async def test_a_hash_of_another_cost_is_replaced(passwords: BcryptPasswords) -> None:
    hashed = await bcrypt_passwords(ROUNDS + 1).hash("correct horse", ADDRESS)

    renewed = await passwords.rehash("correct horse", hashed, ADDRESS)

    assert await passwords.matches("correct horse", hashed, ADDRESS)
    assert await passwords.matches("correct horse", renewed, ADDRESS)
    assert await passwords.rehash("correct horse", renewed, ADDRESS) == ""


async def test_the_same_password_gets_a_different_hash_each_time(passwords: BcryptPasswords) -> None:
    assert await passwords.hash("correct horse", ADDRESS) != await passwords.hash("correct horse", ADDRESS)


async def test_no_password_matches_for_an_unknown_user(passwords: BcryptPasswords) -> None:
    assert not await passwords.matches("", None, ADDRESS)
    assert not await passwords.matches("correct horse", None, ADDRESS)


async def test_hashing_does_not_block_the_event_loop(passwords: BcryptPasswords) -> None:
    slow = asyncio.ensure_future(bcrypt_passwords(10).hash("correct horse", ADDRESS))
    turns = 0

    while not slow.done():
        turns += 1
        await asyncio.sleep(0)

    assert turns > 1


@pytest.mark.parametrize(("cores", "hashes"), [(1, 1), (2, 1), (3, 2), (5, 4), (64, 4)])
def test_one_core_is_left_for_the_event_loop(cores: int, hashes: int) -> None:
    assert concurrent_hashes(cores) == hashes
