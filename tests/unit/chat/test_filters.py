"""The chat filters."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming_app.backend.chat import filters
from streaming_app.backend.chat.filters import find_match
from streaming_app.backend.chat.model import ChatRules, LinkPolicy

ALL = ChatRules(blocked_terms=("bad",), links=LinkPolicy.NONE, limits_caps=True)


def noted(text: str, rules: ChatRules) -> str:
    found = find_match(text, rules)
    return found.moderator_note if found else ""


def test_a_blocked_term_is_shown_to_moderators_only() -> None:
    found = find_match("so b4d", ChatRules(blocked_terms=("bad",)))

    assert found
    assert found.moderator_note == "Blocked term: bad"
    assert "bad" not in found.author_message


def test_a_channel_without_blocked_terms_blocks_no_term() -> None:
    assert noted("bad", ChatRules()) == ""


def test_links_are_allowed_by_default() -> None:
    assert noted("evil.com", ChatRules()) == ""
    assert noted("evil.com", ChatRules(links=LinkPolicy.NONE)) == "Link to evil.com"


def test_only_listed_links_are_allowed_with_a_list() -> None:
    listed = ChatRules(links=LinkPolicy.LISTED, allowed_hosts=("good.com",))

    assert noted("see www.good.com/x", listed) == ""
    assert noted("good.com and https://evil.com", listed) == "Link to evil.com"


def test_the_list_is_ignored_if_no_links_are_allowed() -> None:
    assert noted("good.com", ChatRules(links=LinkPolicy.NONE, allowed_hosts=("good.com",))) == "Link to good.com"


@pytest.mark.parametrize("text", ["WHAT IS GOING ON HERE", "ЧТО ЭТО ТАКОЕ ЗДЕСЬ", "HELLO everyBODY THERE NOW"])
def test_a_text_of_mostly_capitals_matches(text: str) -> None:
    assert noted(text, ChatRules(limits_caps=True)) == "Capital letters"
    assert noted(text, ChatRules()) == ""


@pytest.mark.parametrize(
    "text",
    [
        "OMG WOW",
        "Hello Everybody There",
        "こんにちは世界こんにちは世界",
        "שלום לכולם מה שלומכם",
        "@SHOUTY_NAME_HERE hi",
        ":BIGEMOTENAME: hi",
        "12345678901234",
    ],
)
def test_short_words_names_and_scripts_without_capitals_do_not_match(text: str) -> None:
    assert not filters.is_mostly_capitals(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a" * 21, "the same character over and over"),
        ("wow" + "!" * 21, "the same character over and over"),
        ("spam " * 9, "the same word over and over"),
        ("Spam spam " * 5, "the same word over and over"),
        ("\n".join("abcdefghijklm"), "too many lines"),
        ("z" + "\u0300\u0301\u0302\u0303\u0304", "too many accents"),
        ("z" + "\u0300\u0316" * 20, "too many accents"),  # above and below alternately
        ("z" + "\u0301\u200d" * 5, "too many accents"),  # with joiners between
        ("ก" + "\u0e34\u0e49" * 3, "too many accents"),
        ("z" + "\u0488\u0489" * 3, "too many accents"),
        ("z" + "\u20dd\u20e0" * 3, "too many accents"),
    ],
)
def test_floods_match(text: str, what: str) -> None:
    assert filters.describe_flood(text) == what
    assert noted(text, ChatRules()) == f"Flood: {what}"
    assert noted(text, ChatRules(limits_flood=False)) == ""


@pytest.mark.parametrize(
    "text",
    ["goooooal", "!" * 20, "Kappa " * 8, "a" + " " * 30 + "b", "ế", "हिन्दी में", "สวัสดีครับ", "hahahahahahahahahahahaha"],
)
def test_a_little_repetition_does_not_match(text: str) -> None:
    assert filters.describe_flood(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "ที่นี่ น้ำ กตัญญู ผู้ใหญ่ เปลี่ยน",
        unicodedata.normalize("NFD", "Tiếng Việt được nhiều người viết ở Huế"),
        "क्ष्म्य ज़िन्दगी हूँ मैंने शृंखला",
        "ကျွန်တော် မြွှာ ရွှေ့ သို့",
        "བསྒྲུབས་ རྒྱལ་ཁབ",
        "កម្ពុជា ស្ត្រី ត្រឹម",
        "بِسْمِ ٱللَّٰهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ",
        "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים",
        "1️⃣2️⃣3️⃣ #️⃣ *️⃣",
        "❤️\u200d🔥 👩🏽\u200d🚀 🏳️\u200d🌈",
    ],
)
def test_scripts_and_emoji_do_not_exceed_the_limit_of_marks(text: str) -> None:
    assert filters.describe_flood(text) == ""


def test_normalized_text_ignores_case_and_spacing() -> None:
    assert filters.normalized_text("Hello  THERE\n") == filters.normalized_text("hello there")


@given(st.text(max_size=300))
def test_any_text_can_be_filtered(text: str) -> None:
    found = find_match(text, ALL)

    assert found is None or (found.author_message and found.moderator_note)
