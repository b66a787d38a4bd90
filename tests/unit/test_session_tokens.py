"""Session tokens."""

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from streaming_app.backend.accounts.model import Claims
from streaming_app.backend.adapters.session_tokens import AuthXTokens
from streaming_app.backend.errors import NotSignedInError

KEY = bytes(range(32))
CLAIMS = Claims(user_id="user-1", session_id="session-1")


def in_an_hour() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture
def tokens() -> AuthXTokens:
    return AuthXTokens(KEY)


def signed(payload: dict[str, object], key: str = KEY.hex(), algorithm: str = "HS256") -> str:
    whole: dict[str, object] = {
        "sub": "user-1",
        "sid": "session-1",
        "iss": "streaming_app",
        "type": "access",
        "exp": in_an_hour().timestamp(),
    }
    return jwt.encode({k: v for k, v in (whole | payload).items() if v is not None}, key, algorithm)


def payload_of(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_token_contains_user_and_session(tokens: AuthXTokens) -> None:
    token = tokens.issue(CLAIMS, in_an_hour())

    assert tokens.read(token) == CLAIMS


def test_a_clock_that_is_set_back_after_the_sign_in_leaves_the_token_valid(tokens: AuthXTokens) -> None:
    assert payload_of(tokens.issue(CLAIMS, in_an_hour()))["iat"] == 0


def test_a_complete_token_signed_by_hand_is_valid(tokens: AuthXTokens) -> None:
    assert tokens.read(signed({})) == CLAIMS


def test_every_token_is_unique(tokens: AuthXTokens) -> None:
    expires_at = in_an_hour()

    assert tokens.issue(CLAIMS, expires_at) != tokens.issue(CLAIMS, expires_at)


def test_a_token_contains_only_opaque_ids_and_times(tokens: AuthXTokens) -> None:
    payload = payload_of(tokens.issue(CLAIMS, in_an_hour()))

    assert set(payload) == {"sub", "sid", "jti", "iss", "iat", "exp", "type", "fresh", "csrf"}
    assert payload["csrf"] == ""
    assert payload["fresh"] is True


@pytest.mark.parametrize(
    ("kind", "token"),
    [
        ("empty", ""),
        ("not a token", "hello"),
        ("dots", ".."),
        ("not ASCII", "é.é.é"),
        ("a lone surrogate", "\ud800.a.b"),
        ("huge", "a" * 100_000),
        ("signed with another key", signed({}, key="0" * 64)),
        ("signed by no one", signed({}, key="", algorithm="none")),
        ("signed with another algorithm", signed({}, algorithm="HS384")),
        ("expired", signed({"exp": (datetime.now(UTC) - timedelta(seconds=1)).timestamp()})),
        ("without expiry", signed({"exp": None})),
        ("without a session", signed({"sid": None})),
        ("with a session that is no string", signed({"sid": ["session-1"]})),
        ("without a user", signed({"sub": None})),
        ("with an empty user", signed({"sub": ""})),
        ("with a user that is no string", signed({"sub": 7})),
        ("of another issuer", signed({"iss": "elsewhere"})),
        ("without an issuer", signed({"iss": None})),
        ("for another audience", signed({"aud": "elsewhere"})),
        ("a refresh token", signed({"type": "refresh"})),
        ("not valid yet", signed({"nbf": in_an_hour().timestamp()})),
    ],
)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_any_other_token_is_not_signed_in(tokens: AuthXTokens, kind: str, token: str) -> None:
    with pytest.raises(NotSignedInError):
        tokens.read(token)


def test_a_token_with_a_changed_character_is_invalid(tokens: AuthXTokens) -> None:
    header, payload, signature = tokens.issue(CLAIMS, in_an_hour()).split(".")
    swapped = payload.swapcase()

    with pytest.raises(NotSignedInError):
        tokens.read(f"{header}.{swapped}.{signature}")
