"""The download of everything that belongs to the signed-in user's account."""

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from streaming_app.backend.account_wiring import site_url_of
from streaming_app.backend.api.deps import Address, OpenBackend, SessionToken
from streaming_app.backend.errors import ForbiddenError

EXPORT_PATH = "/api/account/export"
_OWN = frozenset({"", "same-origin", "none"})
"""Values of ``Sec-Fetch-Site`` for requests of this site's pages; old browsers send none."""

router = APIRouter(include_in_schema=False)


@router.get(EXPORT_PATH)
async def export(token: SessionToken, address: Address, request: Request, backend: OpenBackend) -> StreamingResponse:
    """Return a ZIP. It requires a recent sign-in."""
    if request.headers.get("sec-fetch-site", "") not in _OWN:
        raise ForbiddenError("Open the download from the settings of this site.")
    chunks = await backend.account_data.export.start(token, site_url_of(backend.settings), address)
    headers = {
        "content-disposition": 'attachment; filename="account.zip"',
        "cache-control": "no-store",
        "x-accel-buffering": "no",  # nginx would store up to 1 GB of the archive on the disk
    }
    return StreamingResponse(chunks, media_type="application/zip", headers=headers)
