"""What Reflex reads before the app: ports, origins, and where a tab's state is kept."""

from pathlib import Path

import reflex as rx
from reflex.constants import StateManagerMode
from reflex.environment import environment
from reflex.utils.exec import is_prod_mode

from streaming_app.backend.config import read_settings
from streaming_app.backend.errors import SetupError

try:
    settings = read_settings()
except SetupError as wrong:
    raise SystemExit(str(wrong)) from None

DEV_PAGE_PORT = 3000
"""Vite's, in dev mode."""
TAB_RECORD_SECONDS = 2 * 3600
"""How long Redis keeps which process a tab is connected to, when the process dies.

It keeps the states of tabs for a shorter time: see ``state/tab_states.py``.
"""

if not environment.REFLEX_HOT_RELOAD_OVERRIDE_PATHS.get():
    # Dev mode would otherwise start the server again at every video segment written into the data folder.
    environment.REFLEX_HOT_RELOAD_OVERRIDE_PATHS.set([Path("streaming_app"), Path("assets"), Path("rxconfig.py")])

config = rx.Config(
    app_name="streaming_app",
    backend_host="127.0.0.1",
    backend_port=settings.web_port,
    api_url=f"http://localhost:{settings.web_port}",  # under ``reflex run``; built pages use their own origin
    cors_allowed_origins=[],
    trusted_proxy_hops=1,
    redis_url=settings.redis_url.get_secret_value() if settings.redis_url else None,
    redis_token_expiration=TAB_RECORD_SECONDS,
    state_manager_mode=StateManagerMode.REDIS if settings.redis_url else StateManagerMode.MEMORY,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    disable_plugins=[rx.plugins.SitemapPlugin],
)
if not is_prod_mode():
    # Here pages call the API from another port; in production they have its origin and need no leave.
    page_port = config.frontend_port or DEV_PAGE_PORT
    config.cors_allowed_origins = [f"http://{host}:{page_port}" for host in ("localhost", "127.0.0.1")]
