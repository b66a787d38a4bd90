"""The components of the API reference: navigation, operations, errors and objects."""

import re
from collections.abc import Mapping, Sequence

import reflex as rx

from streaming_app import routes
from streaming_app.components.api_reference.document import Operation, Property, Schema, objects, operations_by_tag
from streaming_app.components.form_controls import copy_button
from streaming_app.components.layout import full_link, nav_link
from streaming_app.state.api_token_settings import SCOPE_CHOICES

ProblemCodes = Mapping[str, tuple[int, str]]
"""The codes of errors, each with its status and when it occurs."""
_MARK = re.compile(r"(`[^`]+`|\*\*[^*]+\*\*)")


def navigation(document: Schema) -> rx.Component:
    """Links to every section of the page: beside it, or in a menu above it on narrow screens."""
    groups = [
        _group("Basics", [("introduction", "Introduction"), ("scopes", "Scopes"), ("errors", "Errors")]),
        *[
            _group(tag.capitalize(), [(each.operation_id, each.summary) for each in operations])
            for tag, operations in operations_by_tag(document).items()
        ],
        _group("Objects", [(f"object-{name}", name) for name in objects(document)]),
    ]
    return rx.el.nav(
        rx.el.details(
            rx.el.summary(rx.icon("chevron-right", size=16), "Contents"),
            rx.el.div(*groups),
            class_name="how-to reference__menu",
        ),
        rx.el.div(*groups, class_name="reference__side"),
        aria_label="API",
        class_name="reference__nav",
    )


def reference(document: Schema, codes: ProblemCodes) -> rx.Component:
    """The introduction, then each operation, then the objects."""
    texts = {tag["name"]: tag["description"] for tag in document["tags"]}
    return rx.el.div(
        _introduction(document),
        _scopes(),
        _errors(codes),
        *[
            rx.el.section(
                rx.el.h2(tag.capitalize(), class_name="reference__title"),
                rx.el.p(*_marked(texts[tag]), class_name="panel__lead"),
                *[_operation(each) for each in operations],
                class_name="reference__group",
            )
            for tag, operations in operations_by_tag(document).items()
        ],
        _objects(document),
        class_name="reference__content",
    )


def _group(title: str, links: Sequence[tuple[str, str]]) -> rx.Component:
    return rx.el.div(
        rx.el.p(title, class_name="reference__group-name"),
        rx.el.ul(*[rx.el.li(rx.el.a(words, href=f"#{anchor}")) for anchor, words in links], role="list"),
    )


def _introduction(document: Schema) -> rx.Component:
    paragraphs = document["info"]["description"].split("\n\n")
    return rx.el.section(
        rx.el.h1("API", id="introduction", class_name="reference__headline"),
        *[rx.el.p(*_marked(" ".join(paragraph.split()))) for paragraph in paragraphs],
        rx.el.div(
            nav_link("Create a token", to=routes.API_TOKENS, class_name="btn btn--primary"),
            full_link("OpenAPI document", to=routes.API_DOCUMENT, class_name="btn btn--secondary"),
            class_name="row row--wrap",
        ),
        class_name="reference__group",
    )


def _scopes() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Scopes", id="scopes", class_name="reference__title"),
        rx.el.dl(
            *[_row(rx.el.dt(rx.el.code(scope)), words) for scope, words in SCOPE_CHOICES],
            class_name="reference__rows",
        ),
        class_name="reference__group",
    )


def _errors(codes: ProblemCodes) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Errors", id="errors", class_name="reference__title"),
        rx.el.p(*_marked("The `type` of a problem is a link to one of these codes."), class_name="panel__lead"),
        rx.el.dl(
            *[
                _row(rx.el.dt(rx.el.code(code), rx.el.span(str(status), class_name="reference__kind"), id=code), words)
                for code, (status, words) in codes.items()
            ],
            class_name="reference__rows",
        ),
        class_name="reference__group",
    )


def _operation(operation: Operation) -> rx.Component:
    right = f"Scope {', '.join(operation.scopes)}" if operation.scopes else "Any token"
    return rx.el.article(
        rx.el.h3(operation.summary, id=operation.operation_id, class_name="panel__title"),
        rx.el.p(
            rx.el.span(
                operation.method, class_name="reference__method", custom_attrs={"data-method": operation.method}
            ),
            rx.el.code(operation.path),
            rx.el.span(right if operation.needs_token else "No token needed", class_name="badge badge--offline"),
            class_name="reference__path",
        ),
        rx.el.p(*_marked(operation.text)),
        _properties("Parameters", operation.parameters),
        _properties("Body", operation.fields),
        _code("Request", operation.command, f"request of {operation.summary}"),
        _code("Answer", operation.example, f"answer of {operation.summary}") if operation.example else rx.fragment(),
        rx.el.details(
            rx.el.summary(rx.icon("chevron-right", size=16), "All answers"),
            _rows(operation.answers),
            class_name="how-to",
        ),
        class_name="panel stack",
        aria_labelledby=operation.operation_id,
    )


def _objects(document: Schema) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Objects", class_name="reference__title"),
        *[
            rx.el.article(
                rx.el.h3(name, id=f"object-{name}", class_name="panel__title"),
                rx.el.p(*_marked(text), class_name="panel__lead"),
                _rows(fields) if fields else rx.fragment(),
                class_name="panel stack",
                aria_labelledby=f"object-{name}",
            )
            for name, (text, fields) in objects(document).items()
        ],
        class_name="reference__group",
    )


def _properties(title: str, properties: Sequence[Property]) -> rx.Component:
    if not properties:
        return rx.fragment()
    return rx.el.div(rx.el.h4(title, class_name="field__label"), _rows(properties))


def _rows(properties: Sequence[Property]) -> rx.Component:
    return rx.el.dl(
        *[_row(rx.el.dt(rx.el.code(each.name), _kind(each)), each.text) for each in properties],
        class_name="reference__rows",
    )


def _row(term: rx.Component, words: str) -> rx.Component:
    return rx.el.div(term, rx.el.dd(*_marked(words)), class_name="reference__row")


def _kind(each: Property) -> rx.Component:
    if each.object_name:
        return rx.el.a(each.kind, href=f"#object-{each.object_name}", class_name="reference__kind")
    return rx.el.span(each.kind, class_name="reference__kind")


def _code(title: str, text: str, what: str) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h4(title, class_name="field__label"), copy_button(text, what=what), class_name="row row--between"
        ),
        rx.el.pre(rx.el.code(text), tab_index=0, aria_label=what, role="region", class_name="reference__code"),
    )


def _marked(text: str) -> list[rx.Component | str]:
    """Return ``text`` with code between backticks and strong text between double asterisks."""
    parts: list[rx.Component | str] = []
    for part in _MARK.split(text.replace("``", "`")):
        if part.startswith("`"):
            parts.append(rx.el.code(part.strip("`")))
        elif part.startswith("**"):
            parts.append(rx.el.strong(part.strip("*")))
        elif part:
            parts.append(part)
    return parts
