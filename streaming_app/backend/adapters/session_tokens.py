"""Session tokens, made with AuthX: JWTs that contain only a user id and a session id."""

from datetime import datetime

from authx import AuthX, AuthXConfig, RequestToken
from authx.exceptions import AuthXException

from streaming_app.backend.accounts.model import Claims
from streaming_app.backend.errors import NotSignedInError

ISSUER = "streaming_app"
SESSION_CLAIM = "sid"
TOKEN_MAX_CHARACTERS = 4096
"""Browsers store no longer cookies; these tokens have about 300 characters."""


class AuthXTokens:
    """Implements ``accounts.ports.Tokens``."""

    def __init__(self, key: bytes) -> None:
        self._authx: AuthX[dict[str, str]] = AuthX(
            AuthXConfig(
                JWT_ALGORITHM="HS256",
                JWT_SECRET_KEY=key.hex(),
                JWT_PREVIOUS_SECRET_KEY=None,
                JWT_ENCODE_ISSUER=ISSUER,
                JWT_DECODE_ISSUER=ISSUER,
                JWT_ENCODE_AUDIENCE=None,
                JWT_DECODE_AUDIENCE=None,
                JWT_TOKEN_LOCATION=["cookies"],
                JWT_COOKIE_CSRF_PROTECT=False,  # the API checks the Origin header instead (api/request_checks.py)
            )
        )

    def issue(self, claims: Claims, expires_at: datetime) -> str:
        data = {SESSION_CLAIM: claims.session_id, "iat": 0}  # a real one is refused when the clock has been set back
        return self._authx.create_access_token(claims.user_id, fresh=True, expiry=expires_at, data=data)

    def read(self, token: str) -> Claims:
        if not token or len(token) > TOKEN_MAX_CHARACTERS:
            raise NotSignedInError
        try:
            payload = self._authx.verify_token(RequestToken(token=token, location="cookies"), verify_csrf=False)
        except (AuthXException, ValueError):
            raise NotSignedInError from None
        session_id = (payload.model_extra or {}).get(SESSION_CLAIM)
        if not isinstance(session_id, str) or not payload.sub or payload.exp is None:
            raise NotSignedInError
        return Claims(payload.sub, session_id)
