"""Scripts for a form in the browser after the server has answered. The typed values stay in the browser's inputs."""

import json

import reflex as rx

TO_THE_FIRST_ERROR = """
setTimeout(() => document.querySelector(':is(.form, .emote-form) [aria-invalid="true"]')?.focus(), 60)
"""

_RESET = "document.getElementById(%s)?.reset()"


def reset_form(form_id: str) -> rx.event.EventSpec:
    """Reset every input to the value that the page was rendered with, after the typed values were saved."""
    return rx.call_script(_RESET % json.dumps(form_id))
