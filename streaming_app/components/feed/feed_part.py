"""Vars of what a feed has sent to the browser."""

from typing import Any

import reflex as rx

from streaming_app.components.typescript_modules import browser_hook, script


def feed_part(path: str | rx.Var[str], key: str, kind: Any) -> Any:
    """Return a Var of the field ``key`` of the snapshot that ``feed_client`` keeps of the feed at ``path``."""
    part = rx.Var(f"({{ {key} }}) => {key}")
    return browser_hook(f"feed_{key}", "useFeedPart", kind, script("feed/feed_client.ts"), path, part)
