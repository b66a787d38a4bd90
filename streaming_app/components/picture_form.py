"""A form that uploads a picture, with a preview of the chosen file."""

from dataclasses import dataclass

import reflex as rx
from reflex.event import passthrough_event_spec

from streaming_app.components.typescript_modules import browser_hook, script

ACCEPT = "image/png,image/gif,image/webp,image/jpeg"
"""Types of pictures that can be chosen."""
_LIBRARY = script("picture_form.tsx")


@dataclass(frozen=True)
class ChosenFile:
    """The picture that the user has chosen. Both fields are empty if there is none."""

    name: str
    preview: str
    """URL of the picture."""


class PictureForm(rx.NoSSRComponent):
    """A form with a file input ``picture``, which it sends to the API, and perhaps an input ``name``."""

    library = _LIBRARY
    tag = "PictureForm"
    lib_dependencies: list[str] = ["zustand@5.1.0"]
    address: rx.Var[str]
    is_sent_at_once: rx.Var[bool]
    """Whether the form needs no button, because it is sent as soon as a picture is chosen."""
    on_answer: rx.EventHandler[passthrough_event_spec(str, dict[str, str], str)]
    """Fired with the saved name, the errors by field, and the error of the whole form."""


def chosen_file() -> ChosenFile:
    """Return a Var of the picture that is chosen in the form of the page."""
    return browser_hook("chosenFile", "useChosenFile", ChosenFile, _LIBRARY)
