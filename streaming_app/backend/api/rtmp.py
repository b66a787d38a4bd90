"""The callbacks of nginx-rtmp: may this publisher in, is it still welcome, it is gone.

Any 4xx refuses or disconnects the publisher. The answer's body is for people who look at the wire: nginx reads only
the code.
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
from streaming_app.backend.callback_form import parse_callback_form
from streaming_app.backend.errors import DomainError
from streaming_app.backend.streams.model import Publisher
from streaming_app.backend.streams.pasted_stream_key import repair_pasted_stream_key

log = logging.getLogger(__name__)
router = APIRouter(prefix="/rtmp", include_in_schema=False)

BODY_MAX = 16 * 1024
"""Bytes. nginx-rtmp's own limits on each field add up to less than this."""
SOFTWARE_MAX = 128
OTHERS_UPDATES = "update_play"
"""The sign of life of a player, such as nginx's relay to itself: nobody's publisher."""
PASSED_ON = {"X-Accel-Redirect": "@packager"}
"""Lets nginx ask the packager next: a publisher that was let in waits until somebody cuts what it sends."""


PASTED_NAME = "pasted_name"
"""Where ``read_form`` puts the name that nginx knows the stream by."""
RENAMED = "X-Rename"
"""Tells nginx the stream's right name where the publisher's is another: rtmp/ingest.conf.template."""


class Callback(BaseModel):
    """What nginx-rtmp says in every callback."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    call: Literal["publish", "publish_done", "update_publish"]
    app: Literal["live"]
    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    """The channel's id; anything else is refused later."""
    clientid: str = Field(pattern=r"^[0-9]{1,20}$")
    addr: str = Field(min_length=1, max_length=128)
    flashver: str = ""
    key: SecretStr = SecretStr("")


async def read_form(request: Request, backend: OpenBackend) -> dict[str, str]:
    """The first of each field, with the stream key tidied.

    Answers 403 to anyone but nginx, 400 and 413 to what is no form of this size.
    """
    if not is_ingest(backend.settings, request.headers.get("authorization", "")):
        raise HTTPException(403, "Callbacks are for nginx.")
    body = await _read_body(request)
    try:
        form = parse_callback_form(body)
    except ValueError as broken:
        raise HTTPException(400, "The body is no form.") from broken
    return {**repair_pasted_stream_key(form), PASTED_NAME: form.get("name", "")}


Form = Annotated[dict[str, str], Depends(read_form)]


@router.post("/on_publish")
async def on_publish(form: Form, backend: OpenBackend) -> Response:
    """Let a publisher in, or not."""
    callback = _validated(form, "publish")
    publisher = Publisher(callback.clientid, callback.addr, callback.flashver[:SOFTWARE_MAX])
    try:
        stream = await backend.streams.start(callback.name, callback.key.get_secret_value(), publisher)
    except DomainError as refused:
        await backend.refused_publishers.record(callback.name, publisher, refused.public_message)
        return _refusal(callback, refused)
    log.info("Publisher %s brings stream %s of channel %s", publisher.client_id, stream.stream_id, stream.channel_id)
    renamed = {RENAMED: callback.name} if form[PASTED_NAME] != callback.name else {}
    return Response(status_code=204, headers={**PASSED_ON, **renamed})


@router.post("/on_update")
async def on_update(form: Form, backend: OpenBackend) -> Response:
    """Note a publisher's sign of life, or disconnect it."""
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
    """Note that a publisher is gone; saying it twice, or of one who was refused, changes nothing."""
    callback = _validated(form, "publish_done")
    await backend.streams.publisher_gone(callback.name, callback.clientid)
    return Response(status_code=204)


@router.get("/latency/{channel_id}")
async def latency(channel_id: str, backend: OpenBackend) -> PlainTextResponse:
    """Tell the packager how far behind its encoder a channel is to be seen; anyone who watches can tell, too."""
    return PlainTextResponse((await backend.store.channels.get(channel_id)).latency)


async def _read_body(request: Request) -> bytes:
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > BODY_MAX:
                raise HTTPException(413, f"More than {BODY_MAX} bytes.")
    except ClientDisconnect:
        raise HTTPException(400, "The body is not complete.") from None
    return body


def _validated(form: dict[str, str], call: str) -> Callback:
    try:
        callback = Callback.model_validate(form)
    except ValidationError as invalid:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in invalid.errors(include_input=False))
        log.warning("A callback for %s is wrong, which disconnects its publisher: %s", call, problems)
        raise HTTPException(400, problems) from None
    if callback.call != call:
        raise HTTPException(400, f"call: Input should be '{call}' here")
    return callback


def _refusal(callback: Callback, refused: DomainError) -> Response:
    """Not even the name is logged: someone may have put the secret in its place."""
    log.info("Publisher %s from %s refused: %s", callback.clientid, callback.addr, refused.public_message)
    return PlainTextResponse(refused.public_message, 403)
