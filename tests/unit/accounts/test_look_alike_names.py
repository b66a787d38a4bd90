"""Skeletons of usernames."""

import pytest

from streaming_app.backend.accounts.look_alike_names import skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "ALICE"),
        ("alice", "aIice"),
        ("alice", "al1ce"),
        ("bob", "b0b"),
        ("tom-x", "torn_x"),
        ("wave", "vvave"),
        ("ann-marie", "annmarie"),
    ],
)
def test_names_that_look_alike_have_the_same_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"), [("alice", "alicia"), ("ana", "anna"), ("user2", "user3"), ("bar-ner", "bamer"), ("burn", "bun")]
)
def test_other_names_have_different_skeletons(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)
