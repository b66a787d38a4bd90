"""Parsing of chat commands."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming_app.backend.chat.commands import COMMANDS, Command, commands_for_role, parse
from streaming_app.backend.chat.model import Role
from streaming_app.backend.errors import InvalidError


def command(text: str) -> Command:
    found = parse(text)
    assert isinstance(found, Command)
    return found


def refusal(text: str) -> str:
    with pytest.raises(InvalidError) as refused:
        parse(text)
    assert refused.value.field == "text"
    return refused.value.public_message


@pytest.mark.parametrize("text", ["hello", "a /ban b", "1/2"])
def test_a_text_without_a_slash_is_a_message(text: str) -> None:
    assert parse(text) == text


def test_two_slashes_send_a_text_with_one() -> None:
    assert parse("//ban is a command") == "/ban is a command"


@pytest.mark.parametrize("text", ["/ban Troll", "/BAN @Troll", "/ban   Troll  "])
def test_a_name_may_start_with_an_at_sign(text: str) -> None:
    found = command(text)

    assert (found.spec.name, found.name, found.reason) == ("ban", "Troll", "")


def test_the_text_after_the_name_is_the_reason() -> None:
    assert command("/ban troll spam and\nmore").reason == "spam and more"


@pytest.mark.parametrize(
    ("text", "length", "reason"),
    [
        ("/timeout troll", timedelta(minutes=10), ""),
        ("/timeout troll spam", timedelta(minutes=10), "spam"),
        ("/timeout troll 1m", timedelta(minutes=1), ""),
        ("/timeout troll 90s caps lock", timedelta(seconds=90), "caps lock"),
        ("/timeout troll 5", timedelta(minutes=5), ""),
        ("/timeout troll 2d x", timedelta(days=2), "x"),
    ],
)
def test_a_timeout_has_a_duration_and_an_optional_reason(text: str, length: timedelta, reason: str) -> None:
    found = command(text)

    assert (found.name, found.length, found.reason) == ("troll", length, reason)


@pytest.mark.parametrize(
    ("text", "value"),
    [("/slow 30", "30"), ("/slow off", "off"), ("/followers", ""), ("/followers 10", "10"), ("/age 1h", "1h")],
)
def test_rules_have_a_value(text: str, value: str) -> None:
    assert command(text).value == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("/ban", "Enter a name. Usage: /ban name [reason]"),
        ("/ban @", "Enter a name."),
        ("/timeout troll 10x", "“10x” is not a length of time. Usage: /timeout name"),
        ("/unban troll please", "“please” is not expected here. Usage: /unban name"),
        ("/unpin now", "“now” is not expected here."),
        ("/slow", "Enter a number, or off. Usage: /slow seconds|off"),
        ("/slow 1 2", "“2” is not expected here."),
        ("/help me", "“me” is not expected here."),
        ("/bann troll", "Unknown command /bann. Type /help"),
        ("/", "Unknown command /."),
        ("/ ban", "Unknown command /."),
    ],
)
def test_an_invalid_command_is_refused_with_its_usage(text: str, why: str) -> None:
    assert refusal(text).startswith(why)


def test_every_command_is_found_under_its_name() -> None:
    for kind in COMMANDS:
        with_all = f"/{kind.name} troll" if " name" in kind.usage else f"/{kind.name} 1"
        text = with_all if " " in kind.usage else f"/{kind.name}"
        assert command(text).spec == kind


def test_each_role_may_use_the_commands_of_lower_roles() -> None:
    names = {role: {kind.name for kind in commands_for_role(role)} for role in Role}

    assert names[Role.VIEWER] == {"help"}
    assert names[Role.VIEWER] < names[Role.MODERATOR] < names[Role.OWNER] == names[Role.ADMIN]
    assert names[Role.OWNER] - names[Role.MODERATOR] == {"mod", "unmod"}


@given(st.text(max_size=60))
def test_any_text_is_a_message_or_a_command_or_is_refused(text: str) -> None:
    with suppress(InvalidError):
        assert isinstance(parse(f"/{text}"), Command | str)
