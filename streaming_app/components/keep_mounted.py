"""Shows forms when their state is known, and keeps the typed text while the server creates the state again.

A form that is shown earlier would be replaced, or filled again, when its state arrives, and would lose what the user
has typed until then.
"""

import reflex as rx

from streaming_app.components.typescript_modules import script


class KeepMounted(rx.Component):
    """Shows one of its children: the one that ``shown`` names, or the last one that it named.

    The state of a tab is empty for a moment when the server creates it again, for example after a lost connection.
    ``rx.cond`` would unmount the form in that moment and lose the typed text.
    """

    library = script("keep_mounted.tsx")
    tag = "KeepMounted"
    names: rx.Var[list[str]]
    """The names of the children. One more child is shown until ``shown`` has named one."""
    shown: rx.Var[str]
    """Empty while the state is not known."""
    version: rx.Var[str]
    """Another version mounts the content again, with its current values; an empty one changes nothing."""
    kept_ms: rx.Var[int]
    """Milliseconds after which the content is unmounted while ``shown`` is empty; without it, it stays.

    With it, the first version does not mount the content again, because the content was mounted before it was known.
    """


def keep_one_mounted(
    contents: dict[str, rx.Component],
    waiting: rx.Component | None = None,
    *,
    shown: str | rx.Var[str],
    version: str | rx.Var[str] = "",
) -> rx.Component:
    """Show the content that ``shown`` names; while it is empty, the previous one, or ``waiting`` if there is none.

    ``waiting`` is by default a placeholder of the first content.
    """
    names = list(contents)
    waiting = waiting or placeholder(contents[names[0]])
    return KeepMounted.create(*contents.values(), waiting, names=names, shown=shown, version=version)


def keep_mounted(
    content: rx.Component,
    waiting: rx.Component | None = None,
    *,
    ready: bool | rx.Var[bool],
    version: str | rx.Var[str] = "",
) -> rx.Component:
    """Show ``content`` from the first time that ``ready`` is true, and ``waiting`` before."""
    return keep_one_mounted({"content": content}, waiting, shown=rx.cond(ready, "content", ""), version=version)


def placeholder(content: rx.Component) -> rx.Component:
    """A shape of the size of ``content``, in which users can type and press nothing."""
    return rx.el.div(content, class_name="placeholder", custom_attrs={"inert": True, "aria-busy": "true"})
