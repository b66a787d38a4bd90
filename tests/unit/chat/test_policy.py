"""The rules of chat."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.chat import policy
from streaming_app.backend.chat.model import TIMEOUT_MAX, Ban, ChatRules, MembershipStatus, Role
from streaming_app.backend.errors import ForbiddenError, InvalidError
from streaming_app.backend.streams.model import Channel
from tests.rig.rules import allows

MAX = 20
NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
ANN = User("u-ann", "Ann", "ann@example.com", "hash", NOW - timedelta(days=9))
CHANNEL = Channel("c1", "u-bob", "bob", "Bob", "Bob's stream", "", "key", b"sealed", NOW)
PLAIN = MembershipStatus(ChatRules(), is_moderator=False, ban=None, followed_at=None)
BAN = Ban("c1", "u-ann", "Ann", NOW, None, "spam", "Bob")
TIMEOUT = replace(BAN, until=NOW + timedelta(minutes=10))
LIMITED = MembershipStatus(
    ChatRules(followers_only_minutes=10, account_age_minutes=60), is_moderator=False, ban=None, followed_at=None
)

SCOTLAND, WALES, ENGLAND = (
    "🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in code) + "\U000e007f" for code in ("gbsct", "gbwls", "gbeng")
)


def following(since: timedelta, minutes: int = 10) -> MembershipStatus:
    return replace(PLAIN, rules=ChatRules(followers_only_minutes=minutes), followed_at=NOW - since)


def refusal(user: User = ANN, role: Role = Role.VIEWER, status: MembershipStatus = PLAIN, now: datetime = NOW) -> str:
    with pytest.raises(ForbiddenError) as refused:
        policy.may_post(user, role, status, now)
    return refused.value.public_message


@pytest.mark.parametrize(
    "text",
    [
        *("hi", "Привет, мир!", "e\u0301", "👩\u200d🚀", "\u0645\u06cc\u200c\u062e", "<b>&amp;</b>", "two\nlines"),
        *(SCOTLAND, f"{WALES}{ENGLAND}!", "\u0600\u0661\u0662", "\u06dd\u0663", "\u08e2\u0664", "\U000110bd\U000110cd"),
    ],
)
def test_text_is_kept_unchanged(text: str) -> None:
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
        ("🏴\U000e0067\U000e0062", "🏴"),
        ("🏴\U000e0041\U000e0042\U000e0043\U000e007f", "🏴"),
        ("🏴" + "\U000e0061" * 7 + "\U000e007f", "🏴"),
        (f"a{SCOTLAND[1:]}", "a"),
    ],
)
def test_extra_space_control_and_direction_characters_are_removed(text: str, cleaned: str) -> None:
    assert policy.clean_text(text, MAX) == cleaned


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\n\n", "\u200b", "\u200c \u200d", "\u3164", "\u2800", "\ufe0f", "\u0301", "\ud800", "\U000e0041"],
)
def test_invisible_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        policy.clean_text(text, MAX)

    assert (refused.value.field, refused.value.public_message) == ("text", "Type a message first.")


def test_text_of_the_maximum_length_is_accepted_without_counting_outer_space() -> None:
    assert policy.clean_text("  " + "🐈" * MAX + "  ", MAX) == "🐈" * MAX


@pytest.mark.parametrize("length", [21, 40, 41, 1_000_000])
def test_longer_text_is_refused_with_both_lengths(length: int) -> None:
    with pytest.raises(InvalidError) as refused:
        policy.clean_text("a" * length, MAX)

    assert refused.value.public_message == f"Messages can be 20 characters at most. Yours has {length}."


def test_a_reason_is_one_line() -> None:
    assert policy.clean_reason(" too\nmuch \u202e") == "too much"


def test_a_long_reason_is_refused() -> None:
    with pytest.raises(InvalidError, match=r"200 characters or fewer\. You entered 201"):
        policy.clean_reason("x" * 201)


@pytest.mark.parametrize("length", [timedelta(0), -timedelta(minutes=1), TIMEOUT_MAX + timedelta(seconds=1)])
def test_a_timeout_has_a_length_and_an_end(length: timedelta) -> None:
    with pytest.raises(InvalidError, match="from 1 second to 28 days"):
        policy.clean_timeout(length)


@pytest.mark.parametrize(
    ("user", "is_moderator", "role"),
    [
        (ANN, False, Role.VIEWER),
        (ANN, True, Role.MODERATOR),
        (replace(ANN, user_id="u-bob"), False, Role.OWNER),
        (replace(ANN, user_id="u-bob"), True, Role.OWNER),
        (replace(ANN, site_role=SiteRole.ADMIN), False, Role.ADMIN),
        (replace(ANN, user_id="u-bob", site_role=SiteRole.ADMIN), False, Role.ADMIN),
    ],
)
def test_a_user_has_the_highest_of_their_roles(user: User, *, is_moderator: bool, role: Role) -> None:
    assert policy.role_of(user, replace(PLAIN, is_moderator=is_moderator, owner_id="u-bob")) is role


@pytest.mark.parametrize("role", Role)
def test_a_user_banned_from_the_site_cannot_post(role: Role) -> None:
    assert refusal(replace(ANN, banned=True), role) == "This account is suspended."


@pytest.mark.parametrize("role", Role)
def test_everyone_else_may_post_where_there_are_no_rules(role: Role) -> None:
    assert allows(policy.may_post, ANN, role, PLAIN, NOW)


def test_a_banned_chatter_sees_the_reason() -> None:
    assert refusal(status=replace(PLAIN, ban=BAN)) == "You are banned from this chat: spam."


def test_a_ban_without_a_reason_shows_none() -> None:
    assert refusal(status=replace(PLAIN, ban=replace(BAN, reason=""))) == "You are banned from this chat."


def test_a_timed_out_chatter_sees_the_remaining_time() -> None:
    after = NOW + timedelta(seconds=90)

    assert refusal(status=replace(PLAIN, ban=TIMEOUT), now=after) == (
        "You are timed out: spam. You can chat again in 8 minutes 30 seconds."
    )


def test_an_expired_timeout_has_no_effect() -> None:
    timed_out, end = replace(PLAIN, ban=TIMEOUT), NOW + timedelta(minutes=10)

    assert not allows(policy.may_post, ANN, Role.VIEWER, timed_out, end - timedelta(milliseconds=1))
    assert allows(policy.may_post, ANN, Role.VIEWER, timed_out, end)


def test_a_ban_applies_to_moderators_and_not_to_higher_roles() -> None:
    banned = replace(PLAIN, ban=BAN)

    assert "banned" in refusal(role=Role.MODERATOR, status=banned)
    assert allows(policy.may_post, ANN, Role.OWNER, banned, NOW)
    assert allows(policy.may_post, ANN, Role.ADMIN, banned, NOW)


def test_followers_only_refuses_others_with_a_hint_to_follow() -> None:
    anyone = replace(PLAIN, rules=ChatRules(followers_only_minutes=0))

    assert refusal(status=anyone) == "Only followers of the channel can chat here. Follow the channel to join in."
    policy.may_post(ANN, Role.VIEWER, following(timedelta(0), minutes=0), NOW)


def test_followers_only_says_how_long_to_wait() -> None:
    assert refusal(status=replace(following(timedelta(0)), followed_at=None)) == (
        "Only people who have followed the channel for 10 minutes can chat here. Follow the channel to join in."
    )
    assert refusal(status=following(timedelta(minutes=3))) == (
        "Only people who have followed the channel for 10 minutes can chat here. You can chat in 7 minutes."
    )
    policy.may_post(ANN, Role.VIEWER, following(timedelta(minutes=10)), NOW)


def test_minimum_account_age_says_how_long_to_wait() -> None:
    status = replace(PLAIN, rules=ChatRules(account_age_minutes=60))
    new = replace(ANN, created_at=NOW - timedelta(minutes=48))

    assert refusal(new, status=status) == ("Accounts must be 1 hour old to chat here. You can chat in 12 minutes.")
    policy.may_post(replace(ANN, created_at=NOW - timedelta(hours=1)), Role.VIEWER, status, NOW)


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.OWNER, Role.ADMIN])
def test_rules_do_not_apply_to_moderators_and_above(role: Role) -> None:
    policy.may_post(replace(ANN, created_at=NOW), role, LIMITED, NOW)
    assert not policy.is_subject_to_rules(role)


def test_rules_apply_to_viewers() -> None:
    assert policy.is_subject_to_rules(Role.VIEWER)


@pytest.mark.parametrize(
    ("actor", "target"),
    [
        (Role.MODERATOR, Role.VIEWER),
        (Role.OWNER, Role.VIEWER),
        (Role.OWNER, Role.MODERATOR),
        (Role.ADMIN, Role.VIEWER),
        (Role.ADMIN, Role.MODERATOR),
    ],
)
def test_a_higher_role_may_moderate(actor: Role, target: Role) -> None:
    assert allows(policy.may_moderate, actor, target)
    assert not allows(policy.may_moderate, target, actor)


@pytest.mark.parametrize("target", Role)
def test_viewers_cannot_moderate(target: Role) -> None:
    with pytest.raises(ForbiddenError, match="Only moderators of this channel"):
        policy.may_moderate(Role.VIEWER, target)


@pytest.mark.parametrize("actor", [Role.MODERATOR, Role.OWNER, Role.ADMIN])
@pytest.mark.parametrize(("target", "who"), [(Role.OWNER, "the channel's owner"), (Role.ADMIN, "an admin of the site")])
def test_nobody_can_moderate_the_owner_or_an_admin(actor: Role, target: Role, who: str) -> None:
    with pytest.raises(ForbiddenError, match=f"You can't moderate {who}"):
        policy.may_moderate(actor, target)


def test_moderators_cannot_moderate_each_other() -> None:
    with pytest.raises(ForbiddenError, match="Only the channel's owner can moderate a moderator"):
        policy.may_moderate(Role.MODERATOR, Role.MODERATOR)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MODERATOR])
def test_only_owners_and_admins_may_appoint_moderators(role: Role) -> None:
    policy.may_manage_moderators(Role.OWNER)
    policy.may_manage_moderators(Role.ADMIN)
    with pytest.raises(ForbiddenError, match="Only the channel's owner can change"):
        policy.may_manage_moderators(role)
