"""The rules of accounts."""

from datetime import UTC, datetime

import pytest

from streaming_app.backend.accounts import policy
from streaming_app.backend.accounts.model import User
from streaming_app.backend.errors import ForbiddenError, InvalidError
from tests.rig.rules import allows


@pytest.mark.parametrize("name", ["Ann", "a-1", "x_y_z", "007", "A" * 25, "Staffan", "modest", "badminton"])
def test_a_username_has_letters_digits_and_inner_dashes(name: str) -> None:
    assert policy.clean_username(name) == name


def test_space_around_a_username_is_removed() -> None:
    assert policy.clean_username("  Ann\n") == "Ann"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Use 3 to 25 characters."),
        ("   ", "Use 3 to 25 characters."),
        ("ab", "Use 3 to 25 characters."),
        ("a" * 26, "Use 3 to 25 characters."),
        *(
            (name, "Use letters a to z, digits, - and _. Start and end with a letter or digit.")
            for name in (
                "-ann",
                "ann_",
                "an n",
                "ann@home",
                "ann/..",
                "Анна",
                "\u0430nn",
                "ann\u200b",
                "a\nn",
                "ann\0",
                "١٢٣",
            )
        ),
        *(
            (name, "This name is reserved, or looks like a reserved one. Choose another.")
            for name in (
                *("admin", "Root", "SUPPORT", "adm1n", "r00t", "Adrnin", "ad-min", "staff2", "admin_007"),
                *("alice-official", "root-1", "StreamingApp-Staff", "streaming_app", "MOD"),
            )
        ),
    ],
)
def test_an_invalid_username_is_refused_with_the_rule(name: str, words: str) -> None:
    with pytest.raises(InvalidError) as refused:
        policy.clean_username(name)

    assert (refused.value.field, refused.value.public_message) == ("username", words)


@pytest.mark.parametrize(
    ("typed", "email"),
    [
        (" Ann@Example.COM ", "Ann@example.com"),
        ("ann+tag@example.com", "ann+tag@example.com"),
        ("почта@пример.рф", "почта@пример.рф"),
        ("jose\u0301@example.com", "josé@example.com"),
    ],
)
def test_an_email_is_normalised(typed: str, email: str) -> None:
    assert policy.clean_email(typed) == email


@pytest.mark.parametrize(
    "email",
    [
        "",
        "@",
        "ann",
        "ann@",
        "@example.com",
        "ann@localhost",
        "a b@example.com",
        "ann@example..com",
        "ann@[127.0.0.1]",
        "ann@example.com\nBcc: bob@example.com",
        "ann\0@example.com",
        "\ud800@example.com",
        "a" * 300 + "@example.com",
    ],
)
def test_an_invalid_email_is_refused(email: str) -> None:
    with pytest.raises(InvalidError) as refused:
        policy.clean_email(email)

    assert refused.value.field == "email"
    assert refused.value.public_message == "Enter a valid email, like name@example.com."


@pytest.mark.parametrize("password", ["12345678", "пароли 🔒", " spaces stay ", "a" * 256, "é" * 256])
def test_a_password_is_not_changed(password: str) -> None:
    assert policy.check_password(password) == password


@pytest.mark.parametrize("typed", ["pa\u0308ssw\u00f6rd", "p\u00e4sswo\u0308rd", "\uff50ässwörd"])
def test_a_password_is_normalised(typed: str) -> None:
    assert policy.check_password(typed) == "p\u00e4ssw\u00f6rd"


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "Use 8 characters or more."),
        ("1234567", "Use 8 characters or more."),
        ("e\u0301" * 7, "Use 8 characters or more."),
        ("a" * 257, "Use 256 characters or fewer. You entered 257."),
        ("1234\x005678", "A password can't contain a null character."),
        ("1234\ud8005678", "This contains an invalid character. Type it again."),
    ],
)
def test_an_invalid_password_is_refused_with_the_rule(password: str, words: str) -> None:
    with pytest.raises(InvalidError) as refused:
        policy.check_password(password)

    assert (refused.value.field, refused.value.public_message) == ("password", words)


@pytest.mark.parametrize("password", ["password", "12345678", "Iloveyou1", "QWERTYUIOP", "        ", "aaaaaaaaaaaa"])
def test_a_common_password_is_refused(password: str) -> None:
    with pytest.raises(InvalidError) as refused:
        policy.check_new_password(password)

    assert refused.value.field == "password"
    assert refused.value.public_message == "Many people use this password, so it is easy to guess. Choose another."


@pytest.mark.parametrize("password", ["Ann-Marie", "ann-marie", "ann.marie@example.com", "ANN.MARIE", "AnnMarie1987!"])
def test_a_username_or_email_is_refused_as_a_password(password: str) -> None:
    with pytest.raises(InvalidError) as refused:
        policy.check_new_password(password, "Ann-Marie", "ann.marie@example.com")

    assert refused.value.public_message == "Your username or email is easy to guess. Choose another password."


@pytest.mark.parametrize("password", ["streaming_app", "Streaming2026!", "stream-key-1"])
def test_a_word_of_the_site_is_refused_as_a_password(password: str) -> None:
    with pytest.raises(InvalidError) as refused:
        policy.check_new_password(password, "Ann", "ann@example.com")

    assert refused.value.public_message == "Words of this site are easy to guess. Choose another password."


@pytest.mark.parametrize("password", ["7361940528", "!§$%&/()=?"])
def test_a_password_without_letters_may_be_hard_to_guess(password: str) -> None:
    assert policy.check_new_password(password, "42", "42@example.com") == policy.normalize_password(password)


def test_a_password_that_is_hard_to_guess_is_accepted() -> None:
    assert policy.check_new_password("correct horse", "Ann", "ann@example.com") == "correct horse"


def test_a_banned_user_may_not_use_the_site() -> None:
    ann = User("u1", "Ann", "ann@example.com", "hash", datetime(2026, 1, 1, tzinfo=UTC), banned=True)

    with pytest.raises(ForbiddenError):
        policy.may_use_site(ann)


def test_everyone_else_may_use_the_site() -> None:
    assert allows(policy.may_use_site, User("u1", "Ann", "ann@example.com", "hash", datetime(2026, 1, 1, tzinfo=UTC)))
