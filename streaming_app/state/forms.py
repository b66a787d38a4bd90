"""What a browser does with a form after the server has answered. The typed values stay in the browser's inputs."""

import json

import reflex as rx

TO_THE_FIRST_ERROR = """
setTimeout(() => document.querySelector(':is(.form, .emote-form) [aria-invalid="true"]')?.focus(), 60)
"""

_RESET = "document.getElementById(%s)?.reset()"


def reset_form(form_id: str) -> rx.event.EventSpec:
    """Show in every input what the page was made with: what was typed has been taken."""
    return rx.call_script(_RESET % json.dumps(form_id))
