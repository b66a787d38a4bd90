"""The emotes of the owner's channel, with a form to add one."""

import reflex as rx

from streaming_app.components.confirm_button import confirm_button
from streaming_app.components.form_controls import form_error
from streaming_app.components.optional_image import picture
from streaming_app.components.picture_form import ACCEPT, PictureForm, chosen_file
from streaming_app.state.studio_emotes import StudioEmotes
from streaming_app.state.view_models import EmoteView

_ADDRESS = "/api/studio/emotes"
_COUNT = rx.Var.create(StudioEmotes.emotes).length()


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
        _form(),
        class_name="panel stack",
        aria_labelledby="emotes-title",
    )


def _form() -> rx.Component:
    chosen = chosen_file()
    return PictureForm.create(
        rx.el.div(
            rx.el.label(
                rx.el.input(
                    type="file",
                    name="picture",
                    accept=ACCEPT,
                    aria_invalid=StudioEmotes.picture_error != "",
                    aria_describedby="emote-picture-hint emote-picture-error",
                    class_name="visually-hidden",
                ),
                rx.el.span(
                    rx.cond(
                        chosen.preview,
                        rx.el.img(src=chosen.preview, alt="", class_name="emote"),
                        rx.icon("image-plus"),
                    ),
                    aria_hidden="true",
                    class_name="emote-form__preview",
                ),
                rx.el.span(
                    rx.el.span(rx.cond(chosen.name, chosen.name, "Choose an image"), class_name="emote-form__file"),
                    rx.el.span(
                        "PNG, GIF, WebP or JPEG, up to 1\u00a0MB. Animated images are fine.",
                        id="emote-picture-hint",
                        class_name="field__hint",
                    ),
                    class_name="emote-form__words",
                ),
                class_name="emote-form__drop",
            ),
            rx.el.p(StudioEmotes.picture_error, id="emote-picture-error", class_name="field__error", role="alert"),
            class_name="emote-form__part",
        ),
        rx.el.div(
            rx.el.label("Name", html_for="emote-name", class_name="field__label"),
            rx.el.div(
                rx.el.input(
                    id="emote-name",
                    name="name",
                    max_length=64,
                    auto_complete="off",
                    auto_capitalize="none",
                    spell_check=False,
                    placeholder="hype",
                    aria_invalid=StudioEmotes.name_error != "",
                    aria_describedby="emote-name-error",
                    class_name="input",
                ),
                rx.el.button(
                    rx.el.span(class_name="spinner btn__pending", aria_hidden="true"),
                    "Add emote",
                    type="submit",
                    class_name="btn btn--secondary",
                ),
                class_name="emote-form__row",
            ),
            rx.el.p(StudioEmotes.name_error, id="emote-name-error", class_name="field__error", role="alert"),
            class_name="field",
        ),
        form_error(StudioEmotes.form_error),
        address=_ADDRESS,
        on_answer=StudioEmotes.answered,
        custom_attrs={"aria-label": "Add an emote"},
        class_name="emote-form",
    )


def emote_list(emotes: list[EmoteView], on_delete: rx.event.EventCallback[str]) -> rx.Component:
    """A list of emotes, each with a button to delete it."""
    return rx.el.ul(rx.foreach(emotes, lambda emote: _item(emote, on_delete)), class_name="emote-list", role="list")


def _item(emote: EmoteView, on_delete: rx.event.EventCallback[str]) -> rx.Component:
    return rx.el.li(
        rx.el.span(picture(emote.picture, "emote"), class_name="emote-list__picture"),
        rx.el.span(emote.code, class_name="emote-list__name"),
        confirm_button(
            emote.emote_id,
            "Delete",
            f"Delete {emote.code}?",
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
