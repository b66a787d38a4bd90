"""The page for developers: the reference of the public API."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.api_reference.document import Schema
from streaming_app.components.api_reference.reference import ProblemCodes, navigation, reference
from streaming_app.components.layout import page


def register(app: rx.App, document: Schema, codes: ProblemCodes) -> None:
    """Add the page for the API with this OpenAPI ``document`` and these error codes to the app."""

    def developers() -> rx.Component:
        return page(navigation(document), reference(document, codes), class_name="page--reference")

    app.add_page(
        developers,
        route=routes.DEVELOPERS,
        title=theme.page_title("API"),
        description="The API of the site: operations, scopes, errors and examples.",
    )
