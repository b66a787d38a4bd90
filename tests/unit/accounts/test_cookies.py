"""Cookies of sessions and browsers, and paths of redirects."""

import pytest

from streaming_app.backend.accounts.cookies import (
    SESSION_COOKIE,
    VIEWER_COOKIE,
    session_token_in,
    viewer_id_in,
)
from streaming_app.backend.accounts.same_origin import safe_path


@pytest.mark.parametrize(
    "path", ["/", "/studio", "/c/ana?t=1#chat", "/a//b", "/%2F%2Fevil.test", "/c/ана", "/.well-known/x", "/c/a..b"]
)
def test_a_path_on_this_site_is_kept(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "studio",
        "//evil.test",
        "///evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/\t/evil.test",
        "/\n/evil.test",
        "/ /evil.test",
        "\x00/studio",
        "https://evil.test/",
        "javascript:alert(1)",
        "data:text/html,x",
        " //evil.test",
        "/a\x7fb",
        "/.//evil.test",
        "/studio/..//evil.test",
        "/%2e//evil.test",
        "/%2E%2e//evil.test",
        "/" + "a" * 600,
    ],
)
def test_a_path_that_could_lead_to_another_site_becomes_the_home_page(wanted: str) -> None:
    assert safe_path(wanted) == "/"


@pytest.mark.parametrize(
    ("cookies", "token"),
    [
        ("", ""),
        (f"{SESSION_COOKIE}=abc", "abc"),
        (f"a=b; {SESSION_COOKIE}=abc ;c=d", "abc"),
        (f"x{SESSION_COOKIE}=abc", ""),
        (f"{SESSION_COOKIE}", ""),
        (f"{SESSION_COOKIE}=a=b", "a=b"),
        (";;=;", ""),
        (f"{SESSION_COOKIE}=tossed; __Host-{SESSION_COOKIE}=own; {SESSION_COOKIE}=tossed", "own"),
        (f"__Host-{SESSION_COOKIE}=; {SESSION_COOKIE}=old", "old"),
    ],
)
def test_the_session_token_is_found_among_other_cookies(cookies: str, token: str) -> None:
    assert session_token_in(cookies) == token


@pytest.mark.parametrize(
    ("cookies", "viewer"),
    [
        (f"a=1; {VIEWER_COOKIE}=abcdefghijklmnop_-12", "abcdefghijklmnop_-12"),
        ("", ""),
        (f"{VIEWER_COOKIE}=", ""),
        (f"{VIEWER_COOKIE}=too-short", ""),
        (f"{VIEWER_COOKIE}={'x' * 65}", ""),
        (f"{VIEWER_COOKIE}=<script>alert(1)</script>", ""),
    ],
)
def test_the_viewer_id_is_read_only_from_a_well_formed_cookie(cookies: str, viewer: str) -> None:
    assert viewer_id_in(cookies) == viewer
