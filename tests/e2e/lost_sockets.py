"""A page's event websocket that a proxy replaces: gone for the page, while the server still has the old one."""

from playwright.async_api import Page, WebSocketRoute

from tests.rig.conditions import until


class EventSocket:
    """The event websocket of one page, from when ``of`` returns it."""

    def __init__(self) -> None:
        self._opened: list[WebSocketRoute] = []
        self._is_new = False

    @classmethod
    async def of(cls, page: Page) -> "EventSocket":
        """Call it before the page is opened."""
        socket = cls()
        await page.route_web_socket("**/_event/*", socket._connected)
        return socket

    async def replace(self) -> None:
        """Cut the page's half only; returns when the server has told the page everything anew by another socket."""
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
        page.on_close(lambda _code, _reason: None)  # the server's half stays
        self._opened.append(page)
