"""The web process: one ASGI app with pages, API and websockets. Opens the backend when the server starts."""

import gc
import logging
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial

import reflex as rx
from fastapi import FastAPI
from reflex.constants import Dirs
from reflex.istate.manager.redis import StateManagerRedis
from reflex.utils.exec import is_prod_mode
from reflex.utils.prerequisites import get_web_dir
from reflex_base.config import get_config
from reflex_base.registry import RegistrationContext
from starlette.types import ASGIApp, Receive, Scope, Send

from streaming_app import routes, theme
from streaming_app.backend.accounts.same_origin import OwnPages, asked_origin, own_pages_of
from streaming_app.backend.accounts.sign_in_priority import Rank
from streaming_app.backend.adapters.http_captcha import widget_origins
from streaming_app.backend.adapters.log_publishing import publishing_log
from streaming_app.backend.adapters.logging_setup import name_process, set_up_logging
from streaming_app.backend.adapters.metrics.definitions import BACKEND, DISKS, OPEN_PAGES, TAB_STATES, WEB
from streaming_app.backend.adapters.metrics.disks import sample_disks
from streaming_app.backend.adapters.metrics.endpoint import serving_metrics
from streaming_app.backend.adapters.metrics.exposed import exposed
from streaming_app.backend.adapters.process_signals import drain_event
from streaming_app.backend.adapters.traces.exporting import exporting_traces
from streaming_app.backend.adapters.web_processes import name_of
from streaming_app.backend.api import link_previews
from streaming_app.backend.api.app import create_api
from streaming_app.backend.api.document_policy import document_policy
from streaming_app.backend.api.html_middleware import PagePaths, html_middleware, path_pattern
from streaming_app.backend.api.request_id_middleware import RequestIds
from streaming_app.backend.api.script_preloads import ScriptPreloads
from streaming_app.backend.api.traced_requests import TracedRequests
from streaming_app.backend.api.v1.error_responses import problem_codes
from streaming_app.backend.api.v1.router import openapi_document
from streaming_app.backend.bootstrap import open_backend
from streaming_app.backend.config import Settings, read_settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.events import VIEWS_TOPIC
from streaming_app.backend.feed.server import open_feed_or_count_viewers
from streaming_app.backend.supervisor import run_supervisor
from streaming_app.backend.workers.runner import run_embedded
from streaming_app.components.admin.admin_page import ADMIN_PAGES
from streaming_app.components.layout import connection_note, needs_javascript
from streaming_app.components.page_commands import page_commands
from streaming_app.components.settings.navigation import SETTINGS_PAGES
from streaming_app.components.signed_in import session_tabs
from streaming_app.pages import (
    account_data,
    admin,
    api_token_settings,
    authenticator_setup,
    chat,
    confirm,
    confirm_email,
    developers,
    email_settings,
    finish_registration,
    finish_sign_in,
    forgot_password,
    home,
    linked_accounts,
    login,
    moderation,
    not_found,
    own_reports,
    profile_settings,
    recording,
    register,
    report,
    reset_password,
    second_step,
    security_settings,
    studio,
    watch,
)
from streaming_app.state import page_cancellation, services
from streaming_app.state.account_forms import names_of_submit_events
from streaming_app.state.error_handlers import handler_failed, page_failed
from streaming_app.state.event_frame_validation import FRAME_MAX
from streaming_app.state.event_socket_middleware import EventSocketMiddleware
from streaming_app.state.event_traces import traced_events
from streaming_app.state.tab_sessions import TabSessions
from streaming_app.state.tab_states import MemoryTabStates, RedisTabStates

log = logging.getLogger(__name__)

PAGE_PATHS = PagePaths(
    login=routes.LOGIN,
    register=routes.REGISTER,
    protected=(
        routes.STUDIO,
        routes.CONFIRM,
        routes.AUTHENTICATOR,
        routes.MODERATION,
        routes.REPORT,
        *(each.path for each in SETTINGS_PAGES),
    ),
    staff=(routes.ADMIN_USER, *(each.path for each in ADMIN_PAGES)),
    moved={routes.SETTINGS: SETTINGS_PAGES[0].path},
    heads={
        routes.CHANNEL: link_previews.channel_head,
        routes.RECORDING: link_previews.recording_head,
        routes.CHAT: link_previews.chat_head,
        routes.OVERLAY: link_previews.overlay_head,
        routes.MODERATION: link_previews.moderation_head,
    },
)
DEV_PAGE_PORT = 3000
"""Port of the pages under ``reflex run``. In production, nginx serves them."""
GC_THRESHOLDS = 5_000, 10, 50
"""Thresholds of Python's garbage collector. With the defaults (700, 10, 10), a burst of a few hundred events causes
several full collections, each of which stops chat for 0.1 s or more.
"""
CANNOT_START = 78
"""Exit code for a wrong configuration (EX_CONFIG of sysexits.h): restarting does not help."""


def create_app(settings: Settings) -> rx.App:
    """Create the Reflex app for ``settings``."""
    dev_page_port = None if is_prod_mode() else get_config().frontend_port or DEV_PAGE_PORT
    own_pages = own_pages_of(settings.public_url, dev_page_port)
    api = create_api(own_pages)
    scripts = ScriptPreloads(get_web_dir() / Dirs.STATIC)
    reflex_layer: list[ASGIApp] = []

    def keep_reflex_layer(layer: ASGIApp) -> ASGIApp:
        reflex_layer[:] = [layer]
        return layer

    app = rx.App(
        stylesheets=theme.STYLESHEETS,
        head_components=theme.head(None if is_prod_mode() else settings.http_port),
        html_lang="en",
        toaster=rx.toast.provider(  # noqa: TID251
            position="top-center",  # at the bottom are the buttons of forms and the message box
            rich_colors=False,
            expand=False,
            visible_toasts=1,
            custom_attrs={"customAriaLabel": "Notifications"},
        ),
        api_transformer=[
            keep_reflex_layer,
            document_policy(path_pattern(routes.OVERLAY), widget_origins(settings)),
            api,
            html_middleware(api, PAGE_PATHS, scripts),
            partial(_event_sockets, settings, reflex_layer),
            *([TracedRequests] if settings.otel_exporter_otlp_endpoint else []),
            partial(RequestIds, own_networks=settings.own_networks),
        ],
        backend_exception_handler=handler_failed,
        frontend_exception_handler=page_failed,
    )
    # Reflex calls this function with the page.
    app.app_wraps[5, "Overlay"] = lambda _: rx.fragment(
        rx.memo(connection_note)(), needs_javascript(), page_commands(), rx.memo(session_tabs)()
    )
    _limit_event_websocket(app, own_pages)
    for page in (
        home,
        watch,
        chat,
        moderation,
        recording,
        login,
        register,
        forgot_password,
        reset_password,
        confirm,
        second_step,
        finish_registration,
        confirm_email,
        profile_settings,
        email_settings,
        finish_sign_in,
        linked_accounts,
        own_reports,
        security_settings,
        authenticator_setup,
        api_token_settings,
        account_data,
        studio,
        admin,
        report,
        not_found,
    ):
        page.register(app)
    developers.register(app, openapi_document(), problem_codes())
    tabs = TabSessions(app)
    app.add_middleware(tabs)
    tab_states = _tab_states(app, tabs, settings)

    async def sample_pages() -> None:
        OPEN_PAGES.set(tabs.open_count)
        states = app.state_manager
        TAB_STATES.set(len(states.states) if isinstance(states, MemoryTabStates) else 0)

    @asynccontextmanager
    async def site() -> AsyncGenerator[None]:
        set_up_logging()
        name_process(name_of(settings), settings)
        async with AsyncExitStack() as stack:
            try:
                await _open(settings, api, tabs, own_pages, stack)
                stack.enter_context(exposed(WEB, sample_pages))
                stack.enter_context(page_cancellation.using_tab_check(tabs.is_open))
                await stack.enter_async_context(tab_states)
            except SetupError as error:
                log.critical("%s", error)
                os._exit(CANNOT_START)  # an exception would print a long traceback
            gc.collect()
            gc.freeze()  # later collections skip the existing objects; collecting them would delay chat by 75 ms
            gc.set_threshold(*GC_THRESHOLDS)
            yield

    app.register_lifespan_task(site)
    return app


async def _open(
    settings: Settings, api: FastAPI, tabs: TabSessions, own_pages: OwnPages, stack: AsyncExitStack
) -> None:
    """Open the backend and the servers of this process; under ``reflex run`` also the supervisor with nginx, last."""
    page_port = None if settings.public_url else own_pages.dev_page_port
    page_url = f"http://localhost:{page_port}" if page_port else ""
    await stack.enter_async_context(serving_metrics(settings, "web", *BACKEND))
    stack.enter_context(traced_events(await stack.enter_async_context(exporting_traces(settings, "web"))))
    backend = await stack.enter_async_context(open_backend(settings, page_url))
    await stack.enter_async_context(publishing_log(name_of(settings), settings, backend.bus))
    stack.enter_context(services.using(backend))
    api.state.backend = backend
    stack.enter_context(exposed(DISKS, partial(sample_disks, settings)))
    await stack.enter_async_context(run_embedded(backend))
    await stack.enter_async_context(open_feed_or_count_viewers(backend, own_pages, drain_event()))
    await stack.enter_async_context(backend.bus.subscribe((VIEWS_TOPIC,), backend.refused_publishers.handle))
    await stack.enter_async_context(tabs.clear_on_sign_out(backend.bus))
    await stack.enter_async_context(tabs.watch_sessions(backend.store.users))
    await stack.enter_async_context(run_supervisor(settings))


def _limit_event_websocket(app: rx.App, own_pages: OwnPages) -> None:
    """Accept only event websockets of this site's own pages, and limit the size of their messages."""

    def is_own_page(origin: str | None, environ: dict[str, str]) -> bool:
        asked = asked_origin(environ.get("HTTP_HOST", ""), environ.get("HTTP_X_FORWARDED_PROTO", ""))
        return origin is not None and own_pages.include(origin, asked)

    if app.sio is not None:
        app.sio.eio.cors_allowed_origins = is_own_page
        app.sio.eio.max_http_buffer_size = FRAME_MAX


def _event_sockets(settings: Settings, reflex_layer: Sequence[ASGIApp], app: ASGIApp) -> ASGIApp:
    """Return an app that passes websockets of pages to Reflex, past the layers for HTTP, which take memory for each."""
    handlers = RegistrationContext.get().event_handlers
    forms = names_of_submit_events(handlers)

    def rank_form(address: str, cookies: str) -> Rank:
        return services.current().sign_in_priority.of_form(address, cookies)

    limits = settings.tabs_max, settings.tabs_max_per_address
    own = settings.own_networks
    [reflex] = reflex_layer
    events = EventSocketMiddleware(reflex, handlers, forms, rank_form, *limits, own_networks=own)

    async def pass_on(scope: Scope, receive: Receive, send: Send) -> None:
        await (events if scope["type"] == "websocket" else app)(scope, receive, send)

    return pass_on


def _tab_states(app: rx.App, tabs: TabSessions, settings: Settings) -> AbstractAsyncContextManager[None]:
    """Return a context manager that deletes outdated tab states while it is open."""
    lifetimes = settings.tab_lifetime, settings.signed_in_tab_lifetime
    if isinstance(app.state_manager, StateManagerRedis):
        return tabs.extend_connected_tabs(RedisTabStates(app.state_manager, *lifetimes))
    states = MemoryTabStates()
    app._state_manager = states  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - Reflex offers no other way
    return tabs.evict_closed_tabs(states, settings)


app = create_app(read_settings())
