"""Images that nginx serves and that may be missing."""

import reflex as rx

from streaming_app.components.typescript_modules import script

_HIDE = rx.Var("({ target }) => { target.hidden = true; }")


class Preview(rx.Component):
    """The newest preview image of a stream; nothing while there is none."""

    library = script("preview.tsx")
    tag = "Preview"
    src: rx.Var[str]


preview = Preview.create


def picture(src: str | rx.Var[str], class_name: str = "preview") -> rx.Component:
    """The decorative image at the URL path ``src``; nothing if ``src`` is empty or the image is missing."""
    path = rx.Var.create(src)
    address = rx.Var(f"(globalThis.frontDoor?.({path!s}) ?? {path!s})", _var_data=path._get_all_var_data())  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - Reflex has no other way
    return rx.cond(
        src != "",
        rx.el.img(
            src=address,
            key=path,
            alt="",
            loading="lazy",
            decoding="async",
            custom_attrs={"onError": _HIDE},
            class_name=class_name,
        ),
    )
