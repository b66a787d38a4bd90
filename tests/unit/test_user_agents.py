"""Descriptions of browsers by their ``User-Agent``."""

import pytest

from streaming_app.backend.adapters.user_agents import device_of

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Linux"),
        (WINDOWS, "Chrome on Windows"),
        (IPHONE, "Mobile Safari on iOS"),
        ("", ""),
        ("something else", ""),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/133.0 " + "x" * 10_000, ""),
    ],
)
def test_a_browser_is_described_by_its_name_and_system(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device
