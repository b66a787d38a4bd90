"""The rules of chat, one test a rule."""

import pytest

from streaming_app.backend.chat import policy
from streaming_app.backend.errors import ForbiddenError, InvalidError

MAX = 20


@pytest.mark.parametrize(
    "text", ["hi", "Привет, мир!", "e\u0301", "👩\u200d🚀", "\u0645\u06cc\u200c\u062e", "<b>&amp;</b>", "two\nlines"]
)
def test_text_is_kept_to_the_letter(text: str) -> None:
    assert policy.clean_text(text, MAX) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  hi \n", "hi"),
        ("a\tb", "a b"),
        ("a\r\nb", "a\nb"),
        ("a\u2028b", "a b"),
        ("\u202eevil\u202c", "evil"),
        ("a\0b\x1b[31m", "ab[31m"),
        ("a\ufeffb\u00adc", "abc"),
        ("a\ud800b", "ab"),
    ],
)
def test_space_control_and_direction_characters_are_cleaned_away(text: str, cleaned: str) -> None:
    assert policy.clean_text(text, MAX) == cleaned


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\n\n", "\u200b", "\u200c \u200d", "\u3164", "\u2800", "\ufe0f", "\u0301", "\ud800", "\U000e0041"],
)
def test_text_that_shows_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        policy.clean_text(text, MAX)

    assert (refused.value.field, refused.value.public_message) == ("text", "Write something first.")


def test_text_of_the_greatest_length_is_fine_and_space_around_it_does_not_count() -> None:
    assert policy.clean_text("  " + "🐈" * MAX + "  ", MAX) == "🐈" * MAX


@pytest.mark.parametrize("length", [21, 40, 41, 1_000_000])
def test_longer_text_is_refused_with_both_lengths(length: int) -> None:
    with pytest.raises(InvalidError) as refused:
        policy.clean_text("a" * length, MAX)

    assert refused.value.public_message == f"Messages have 20 characters at most: this is {length}."


def test_who_is_banned_from_the_site_says_nothing() -> None:
    with pytest.raises(ForbiddenError):
        policy.may_post(banned=True)


def test_everyone_else_may_post() -> None:
    policy.may_post(banned=False)
