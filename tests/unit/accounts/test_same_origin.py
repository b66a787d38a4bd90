"""Origins of the site's own pages."""

import pytest
from pydantic import AnyHttpUrl

from streaming_app.backend.accounts.same_origin import OwnPages, asked_origin, own_pages_of, read_origin

DEV_PAGE_PORT = 3000


def _is_own(page: str, host: str, forwarded_scheme: str = "", own_pages: OwnPages | None = None) -> bool:
    return (own_pages or OwnPages()).include(page, asked_origin(host, forwarded_scheme))


@pytest.mark.parametrize(
    ("page", "host", "forwarded_scheme"),
    [
        ("http://tv.test", "tv.test", ""),
        ("http://TV.test", "tv.test:80", ""),
        ("http://tv.test:9000", "tv.test:9000", "http"),
        ("https://tv.test", "tv.test", "https"),
        ("https://tv.test", "tv.test:443", "https, http"),
        ("http://[::1]:8080", "[::1]:8080", ""),
    ],
)
def test_a_page_of_the_requested_origin_is_of_this_site(page: str, host: str, forwarded_scheme: str) -> None:
    assert _is_own(page, host, forwarded_scheme)


@pytest.mark.parametrize(
    ("page", "host", "forwarded_scheme"),
    [
        ("http://tv.test:9797", "tv.test:8080", ""),
        ("http://tv.test", "tv.test:8080", ""),
        ("https://tv.test", "tv.test", ""),
        ("http://tv.test", "tv.test", "https"),
        ("http://tv.test:3000", "tv.test:8000", ""),
        ("http://evil.test", "tv.test", ""),
        ("http://tv.test.evil.test", "tv.test", ""),
        ("http://[", "tv.test", ""),
        ("http://tv.test", "[", ""),
        ("file://tv.test", "tv.test", ""),
        ("null", "null", ""),
        ("", "", ""),
    ],
)
def test_a_page_of_another_port_scheme_or_host_is_not_of_this_site(page: str, host: str, forwarded_scheme: str) -> None:
    assert not _is_own(page, host, forwarded_scheme)


def test_a_page_of_the_public_url_is_of_this_site_behind_any_proxy() -> None:
    own_pages = own_pages_of(AnyHttpUrl("https://Tv.example/"))

    assert _is_own("https://tv.example", "internal:8080", own_pages=own_pages)
    assert not _is_own("https://tv.example:8443", "internal:8080", own_pages=own_pages)


@pytest.mark.parametrize(
    ("page", "is_own"),
    [("http://tv.test:3000", True), ("http://tv.test:3001", False), ("http://evil.test:3000", False)],
)
def test_pages_may_come_from_another_port_under_reflex_run(page: str, *, is_own: bool) -> None:
    own_pages = own_pages_of(None, DEV_PAGE_PORT)

    assert _is_own(page, "tv.test:8000", own_pages=own_pages) is is_own


@pytest.mark.parametrize(
    "text", ["http://tv.test:0", "http://tv.test:65536", "http://tv.test:99999999", "http://tv.test/", "http://a b"]
)
def test_an_invalid_origin_is_not_read(text: str) -> None:
    assert read_origin(text) is None


def test_an_origin_is_formatted_as_browsers_do() -> None:
    assert [str(read_origin(text)) for text in ("HTTPS://Tv.test:443", "http://tv.test:443")] == [
        "https://tv.test",
        "http://tv.test:443",
    ]
