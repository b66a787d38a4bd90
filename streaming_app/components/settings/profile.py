"""The profile of the user: the picture and the name."""

import reflex as rx

from streaming_app.components.form_controls import field, submit
from streaming_app.components.keep_mounted import keep_mounted
from streaming_app.components.layout import avatar
from streaming_app.components.picture_form import ACCEPT, PictureForm
from streaming_app.state.profile_settings import ProfileSettings
from streaming_app.state.session import SessionState

_ADDRESS = "/api/profile/avatar"


def profile_picture() -> rx.Component:
    """The picture, with buttons that replace and remove it."""
    return rx.el.section(
        rx.el.h2("Picture", id="profile-picture", class_name="panel__title"),
        rx.el.div(
            avatar(SessionState.initials, SessionState.hue, SessionState.avatar),
            rx.el.div(
                PictureForm.create(
                    rx.el.label(
                        rx.el.input(
                            type="file",
                            name="picture",
                            accept=ACCEPT,
                            aria_label="Upload a picture",
                            aria_describedby="avatar-hint avatar-error",
                            class_name="visually-hidden",
                        ),
                        rx.el.span(class_name="spinner btn__pending", aria_hidden="true"),
                        rx.icon("image-up", size=16),
                        "Upload a picture",
                        class_name="btn btn--secondary avatar-upload",
                    ),
                    address=_ADDRESS,
                    is_sent_at_once=True,
                    on_answer=ProfileSettings.uploaded,
                ),
                rx.cond(
                    SessionState.avatar != "",
                    rx.el.button(
                        rx.icon("trash-2", size=16),
                        "Remove",
                        type="button",
                        on_click=ProfileSettings.remove_picture,
                        aria_label="Remove the picture",
                        class_name="btn btn--secondary",
                    ),
                ),
                class_name="profile__buttons",
            ),
            class_name="profile__picture",
        ),
        rx.el.p(
            "PNG, GIF, WebP or JPEG, up to 1\u00a0MB. We show the square in its middle.",
            id="avatar-hint",
            class_name="field__hint",
        ),
        rx.el.p(ProfileSettings.picture_error, id="avatar-error", class_name="field__error", role="alert"),
        class_name="panel",
        aria_labelledby="profile-picture",
    )


def display_name() -> rx.Component:
    """The form for the name that is shown."""
    return rx.el.section(
        rx.el.h2("Name", id="profile-name", class_name="panel__title"),
        keep_mounted(_name_form(), ready=ProfileSettings.is_loaded),
        class_name="panel",
        aria_labelledby="profile-name",
    )


def _name_form() -> rx.Component:
    return rx.el.form(
        field(
            "name",
            "Display name",
            ProfileSettings.error,
            hint=f"The name of your channel. In chat, people see your username, {SessionState.username}. Leave it"
            " empty to show your username everywhere.",
            optional=True,
            default_value=ProfileSettings.display_name,
            auto_complete="nickname",
            max_length=100,
        ),
        submit("Save", pending=ProfileSettings.pending),
        on_submit=ProfileSettings.save,
        no_validate=True,
        class_name="form",
    )
