"""A proxy for a page's event websocket, which closes the page's side while the server's side stays open."""

from playwright.async_api import Page, WebSocketRoute

from tests.rig.conditions import until


class EventSocket:
    """The event websocket of one page. Call ``of`` to create it."""

    def __init__(self) -> None:
        self._opened: list[WebSocketRoute] = []
        self._is_new = False

    @classmethod
    async def of(cls, page: Page) -> "EventSocket":
        """Route the page's websocket through the proxy. Must be called before the page is opened."""
        socket = cls()
        await page.route_web_socket("**/_event/*", socket._connected)
        return socket

    async def replace(self) -> None:
        """Close the page's side. Returns when the server has sent the whole state over a new socket."""
        count = len(self._opened)
        self._is_new = False
        await self._opened[-1].close()
        await until(lambda: len(self._opened) > count and self._is_new, "the page was told everything anew")

    def _connected(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        has_token: list[bool] = []

        def pass_on(message: str | bytes) -> None:
            has_token.extend([True] if "new_token" in str(message) else [])
            self._is_new = (bool(has_token) and '"is_hydrated_rx_state_":true' in str(message)) or self._is_new
            page.send(message)

        server.on_message(pass_on)
        page.on_close(lambda _code, _reason: None)  # keep the server's side open
        self._opened.append(page)
