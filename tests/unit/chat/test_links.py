"""Finding links in texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming_app.backend.chat.links import clean_host, hosts_in, is_allowed


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://example.com", "example.com"),
        ("see HTTPS://Example.com:8080/a?b#c.", "example.com"),
        ("(http://x.example/a)", "x.example"),
        ("ftp://localhost", "localhost"),
        ("evil.example/x", "evil.example"),
        ("look at evil.com!", "evil.com"),
        ("www.foo.bar", "www.foo.bar"),
        ("1.2.3.4/x", "1.2.3.4"),
        ("http://1.2.3.4", "1.2.3.4"),
        ("evil．com", "evil.com"),
        ("evil。com", "evil.com"),
        ("ev\u200bil.com", "evil.com"),
        ("https://youtube.com@evil.com/x", "evil.com"),
        ("https://evil.com\\@youtube.com", "evil.com"),
        ("youtube.com@evil.com", "evil.com"),
        ("https://\u0435vil.com", "xn--vil-qdd.com"),
        ("xn--vil-qdd.com", "xn--vil-qdd.com"),
        ("bücher.example/x", "xn--bcher-kva.example"),
        ("ann@mail.example.com", "mail.example.com"),
    ],
)
def test_a_link_is_found_with_its_host(text: str, host: str) -> None:
    assert list(hosts_in(text)) == [host]


@pytest.mark.parametrize(
    "text",
    [
        "hi",
        "e.g. this",
        "i.e./e.g.",
        "3.5",
        "1.2.3.4",
        "v1.2.3",
        "and/or",
        "wait...what",
        "node.js",
        "a. b",
        "://",
        "...",
    ],
)
def test_other_texts_are_not_links(text: str) -> None:
    assert list(hosts_in(text)) == []


def test_all_links_are_found() -> None:
    assert list(hosts_in("a.com,b.com https://c.com|d.com/x")) == ["a.com", "b.com", "c.com", "d.com"]


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("example.com", "example.com"),
        (" https://www.Example.com/path ", "www.example.com"),
        ("*.example.com", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("example.com.", "example.com"),
    ],
)
def test_a_host_is_normalised(typed: str, host: str) -> None:
    assert clean_host(typed) == host


@pytest.mark.parametrize("typed", ["", "com", "a b.com", "-a.com", "a..com", "http://", "x" * 300 + ".com", "a.com-"])
def test_an_invalid_host_is_none(typed: str) -> None:
    assert clean_host(typed) == ""


def test_a_listed_host_includes_its_subdomains_only() -> None:
    allowed = ("example.com",)

    assert is_allowed("example.com", allowed)
    assert is_allowed("a.b.example.com", allowed)
    assert not is_allowed("badexample.com", allowed)
    assert not is_allowed("example.com.evil.com", allowed)


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    for host in hosts_in(text):
        assert host


@given(st.text(st.sampled_from("a.:/@[]?#\\-x0 é。"), max_size=80))
def test_any_punctuation_can_be_searched(text: str) -> None:
    assert all(" " not in host and "/" not in host for host in hosts_in(text))
