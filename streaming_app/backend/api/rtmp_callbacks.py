"""The callbacks of nginx-rtmp when a publisher connects, is still connected or has disconnected.

A 4xx response refuses or disconnects the publisher. nginx reads only the status code. The body helps with debugging.
"""

import logging
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from streaming_app.backend.adapters.ingest_secret import is_ingest
from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.errors import DomainError
from streaming_app.backend.rtmp_callback_form import parse_callback_form
from streaming_app.backend.streams.model import Publisher
from streaming_app.backend.streams.pasted_stream_key import repair_pasted_stream_key

log = logging.getLogger(__name__)
router = APIRouter(prefix="/rtmp", include_in_schema=False)

BODY_MAX = 16 * 1024
"""Maximum size of a callback in bytes. nginx-rtmp's limits on all fields together are lower."""
SOFTWARE_MAX = 128
OTHERS_UPDATES = "update_play"
"""Value of ``call`` in the updates of players, for example the relay of nginx to itself. They have no publisher."""
PASSED_ON = {"X-Accel-Redirect": "@packager"}
"""Makes nginx send the callback to the packager, so that an accepted publisher waits until the packager is ready."""


PASTED_NAME = "pasted_name"
"""Field in which ``read_form`` stores the stream name as the publisher sent it."""
RENAMED = "X-Rename"
"""Response header with the channel's id if the publisher sent another stream name (rtmp/ingest.conf.template)."""


class Callback(BaseModel):
    """The fields that nginx-rtmp sends in every callback."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    call: Literal["publish", "publish_done", "update_publish"]
    app: Literal["live"]
    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    """The channel's id. The service refuses unknown ids."""
    clientid: str = Field(pattern=r"^[0-9]{1,20}$")
    addr: str = Field(min_length=1, max_length=128)
    flashver: str = ""
    key: SecretStr = SecretStr("")


async def read_form(request: Request, backend: OpenBackend) -> dict[str, str]:
    """Return the first value of each form field, with a normalized stream name and key.

    Responds with 403 to clients other than nginx, 400 to an invalid form and 413 to a body larger than ``BODY_MAX``.
    """
    if not is_ingest(backend.settings, request.headers.get("authorization", "")):
        raise HTTPException(403, "Only nginx may send callbacks.")
    body = await _read_body(request)
    try:
        form = parse_callback_form(body)
    except ValueError as broken:
        raise HTTPException(400, "The body is not a form.") from broken
    return {**repair_pasted_stream_key(form), PASTED_NAME: form.get("name", "")}


Form = Annotated[dict[str, str], Depends(read_form)]


@router.post("/on_publish")
async def on_publish(form: Form, backend: OpenBackend) -> Response:
    """Accept or refuse a publisher."""
    callback = _validated(form, "publish")
    publisher = Publisher(callback.clientid, callback.addr, callback.flashver[:SOFTWARE_MAX])
    try:
        stream = await backend.streams.start(callback.name, callback.key.get_secret_value(), publisher)
    except DomainError as refused:
        await backend.refused_publishers.record(callback.name, publisher, refused.public_message)
        return _refusal(callback, refused)
    log.info("Publisher %s publishes stream %s of channel %s", publisher.client_id, stream.stream_id, stream.channel_id)
    renamed = {RENAMED: callback.name} if form[PASTED_NAME] != callback.name else {}
    return Response(status_code=204, headers={**PASSED_ON, **renamed})


@router.post("/on_update")
async def on_update(form: Form, backend: OpenBackend) -> Response:
    """Record that a publisher is still connected, or disconnect it."""
    if form.get("call") == OTHERS_UPDATES:
        return Response(status_code=204)
    callback = _validated(form, "update_publish")
    try:
        await backend.streams.heartbeat(callback.name, callback.clientid)
    except DomainError as refused:
        return _refusal(callback, refused)
    return Response(status_code=204)


@router.post("/on_publish_done")
async def on_publish_done(form: Form, backend: OpenBackend) -> Response:
    """Record that a publisher has disconnected. Repeated calls and calls for refused publishers have no effect."""
    callback = _validated(form, "publish_done")
    await backend.streams.publisher_gone(callback.name, callback.clientid)
    return Response(status_code=204)


async def _read_body(request: Request) -> bytes:
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > BODY_MAX:
                raise HTTPException(413, f"The body is larger than {BODY_MAX} bytes.")
    except ClientDisconnect:
        raise HTTPException(400, "The body is incomplete.") from None
    return body


def _validated(form: dict[str, str], call: str) -> Callback:
    try:
        callback = Callback.model_validate(form)
    except ValidationError as invalid:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in invalid.errors(include_input=False))
        log.warning("Invalid callback for %s, so its publisher is disconnected: %s", call, problems)
        raise HTTPException(400, problems) from None
    if callback.call != call:
        raise HTTPException(400, f"call: Input should be '{call}' here")
    return callback


def _refusal(callback: Callback, refused: DomainError) -> Response:
    """Log and return a refusal. The log has no stream name, because a user may have pasted the secret there."""
    log.info("Publisher %s from %s refused: %s", callback.clientid, callback.addr, refused.public_message)
    return PlainTextResponse(refused.public_message, 403)
