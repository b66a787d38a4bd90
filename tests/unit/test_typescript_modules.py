"""The TypeScript modules of the components, as Reflex's pages import them."""

import pytest
import reflex as rx

from streaming_app.components import typescript_modules


def test_modules_that_are_linked_are_not_linked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    linked: list[str] = []

    def asset(path: str, *, shared: bool) -> None:
        assert shared
        linked.append(path)

    monkeypatch.setattr(rx, "asset", asset)
    typescript_modules._share_scripts()  # pyright: ignore[reportPrivateUsage] - it runs on import

    assert not linked
