"""The ids under which logs and bus events mention the events of pages."""

from reflex_base.event.context import EventContext

from streaming_app.backend.request_ids import HEADER, valid_request_id


def event_request_id() -> str:
    """Return the id of the current event: the id of the page's websocket, a dot, and an id of the event.

    A search for the id of the websocket finds all events of the page. Its id is that of its handshake, which
    ``RequestIds`` has checked. Without a current event, the id is empty.
    """
    try:
        context = EventContext.get()
    except LookupError:
        return ""
    headers = context.router_data.get("headers") or {}
    socket_id = valid_request_id(str(headers.get(HEADER, "")))
    return ".".join(part for part in (socket_id, context.txid) if part)
