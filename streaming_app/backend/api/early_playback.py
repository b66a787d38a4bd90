"""The script in the documents of live channels that plays the video before the app has loaded.

It is part of the document, because a request for it would wait behind those for the app's scripts.
"""

from pathlib import Path

EARLY_PLAYBACK = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def early_playback_script() -> str:
    """Return the ``<script>``. It reads the ``<meta name="live-video">`` that comes before it."""
    return f"<script>{EARLY_PLAYBACK}</script>"
