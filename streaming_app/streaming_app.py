"""The web process: pages, API and websockets in one ASGI app; the backend opens and closes with the server."""

from urllib.parse import urlsplit

import reflex as rx
from reflex.utils.exec import is_prod_mode

from streaming_app import theme
from streaming_app.backend.config import Settings, read_settings
from streaming_app.components.layout import connection_note
from streaming_app.pages import home, not_found, watch


def create_app(settings: Settings) -> rx.App:
    """The site for ``settings``."""
    inner_ports = [settings.web_port] if is_prod_mode() else None
    app = rx.App(
        stylesheets=theme.STYLESHEETS,
        head_components=theme.head(settings.http_port, inner_ports),
        html_lang="en",
        toaster=rx.toast.provider(position="bottom-center", rich_colors=False),
    )
    app.app_wraps[5, "Overlay"] = lambda _: rx.fragment(rx.memo(connection_note)())  # Reflex puts the page into it
    _accept_only_own_pages(app)
    for module in (home, watch, not_found):
        module.register(app)
    return app


def _accept_only_own_pages(app: rx.App) -> None:
    """Let pages of this host open the event websocket, whichever port they came by, and refuse all others."""
    if app.sio is not None:
        app.sio.eio.cors_allowed_origins = _is_own_page


def _is_own_page(origin: str | None, environ: dict[str, str]) -> bool:
    host = environ.get("HTTP_X_FORWARDED_HOST", environ.get("HTTP_HOST", "")).partition(",")[0].strip()
    return origin is not None and urlsplit(origin).hostname == urlsplit(f"//{host}").hostname


app = create_app(read_settings())
