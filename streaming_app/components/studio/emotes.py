"""The emotes of the owner's channel, with a form to add one."""

import reflex as rx
from reflex.event import passthrough_event_spec

from streaming_app.components.confirm_button import confirm_button
from streaming_app.components.scripts import script
from streaming_app.state.studio_emotes import StudioEmotes
from streaming_app.state.views import EmoteView

_LIBRARY = script("studio/emotes.js")
_COUNT = rx.Var.create(StudioEmotes.emotes).length()


class EmotePicture(rx.NoSSRComponent):
    """The image of an emote, hidden from screen readers: the name is shown beside it."""

    library = _LIBRARY
    tag = "EmotePicture"
    src: rx.Var[str]


class EmoteForm(rx.NoSSRComponent):
    """Uploads an image and a name to the API. Fires ``on_added`` with the name once the emote exists."""

    library = _LIBRARY
    tag = "EmoteForm"
    on_added: rx.EventHandler[passthrough_event_spec(str)]


def emotes() -> rx.Component:
    """The emotes panel."""
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                rx.el.h2("Emotes", id="emotes-title", class_name="panel__title"),
                rx.cond(_COUNT > 0, rx.el.span(f"{_COUNT} of {StudioEmotes.most}", class_name="section__count")),
                class_name="row",
            ),
            rx.el.p("Custom emotes for your chat.", class_name="panel__lead"),
        ),
        rx.cond(
            _COUNT > 0,
            emote_list(StudioEmotes.emotes, StudioEmotes.delete),
        ),
        EmoteForm.create(on_added=StudioEmotes.added),
        class_name="panel stack",
        aria_labelledby="emotes-title",
    )


def emote_list(emotes: list[EmoteView], on_delete: rx.event.EventCallback[str]) -> rx.Component:
    """A list of emotes, each with a button to delete it."""
    return rx.el.ul(rx.foreach(emotes, lambda emote: _item(emote, on_delete)), class_name="emote-list", role="list")


def _item(emote: EmoteView, on_delete: rx.event.EventCallback[str]) -> rx.Component:
    return rx.el.li(
        rx.el.span(EmotePicture.create(src=emote.picture), class_name="emote-list__picture"),
        rx.el.span(emote.code, class_name="emote-list__name"),
        confirm_button(
            emote.emote_id,
            "Delete",
            "This removes the emote from chat for everyone and can't be undone.",
            "Delete emote",
            on_delete(emote.emote_id),
            icon="trash-2",
            name=f"Delete {emote.code}",
            class_name="btn--danger btn--sm",
        ),
        key=emote.emote_id,
        class_name="emote-list__item",
    )
