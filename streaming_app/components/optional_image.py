"""Images that nginx serves and that may be missing."""

from typing import Any

import reflex as rx

from streaming_app.components.typescript_modules import browser_hook, script

_RENEW_SECONDS = 10
_HIDE_IF_MISSING = rx.Var("({ target, type }) => { target.hidden = type === 'error'; }")


def preview(src: str | rx.Var[str]) -> rx.Component:
    """The newest preview image of a stream, loaded again every 10 seconds; nothing while there is none."""
    return _preview(src=src)


def picture(src: str | rx.Var[str], class_name: str = "preview") -> rx.Component:
    """The decorative image at the URL path ``src``; nothing if ``src`` is empty or the image is missing."""
    return rx.cond(src != "", _image(src, class_name, key=src, loading="lazy"))


@rx.memo
def _preview(src: rx.Var[str]) -> rx.Component:
    turn = browser_hook("turn", "useTurn", int, script("clock.tsx"), _RENEW_SECONDS)
    # The browser shows the last image until it has loaded the next one.
    return rx.cond((src != "") & (turn > 0), _image(f"{src}?t={turn}", "preview"))


def _image(src: str | rx.Var[str], class_name: str, **props: Any) -> rx.Component:
    path = rx.Var.create(src)
    address = rx.Var(f"(globalThis.frontDoor?.({path!s}) ?? {path!s})", _var_data=path._get_all_var_data())  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - Reflex has no other way
    return rx.el.img(
        src=address,
        alt="",
        decoding="async",
        custom_attrs={"onError": _HIDE_IF_MISSING, "onLoad": _HIDE_IF_MISSING},
        class_name=class_name,
        **props,
    )
