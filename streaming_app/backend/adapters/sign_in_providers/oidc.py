"""Sign-in with OpenID Connect providers, such as Google and Keycloak."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import AnyHttpUrl, BaseModel, BeforeValidator, Field

from streaming_app.backend.accounts.providers.model import Profile
from streaming_app.backend.accounts.providers.ports import ProviderError
from streaming_app.backend.adapters.sign_in_providers.oauth_client import oauth_client, provider_errors
from streaming_app.backend.setting_types import OidcClient

DISCOVERY = "/.well-known/openid-configuration"
CACHE_SECONDS = 3600.0
"""How long the discovery document and the keys of a provider are kept."""
KEYS_MIN_SECONDS = 60.0
"""Minimum age of the keys before they are fetched again because a token was signed with an unknown key."""
LEEWAY_SECONDS = 60
"""How far the clocks of site and provider may differ."""
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Accepted signatures of ID tokens. Those with a shared secret, and ``none``, are not among them."""
AUTHENTICATE_AGAIN = {"prompt": "login", "max_age": "0"}
"""OpenID Connect Core, 3.1.2.1."""
_LATEST_TIME = 2**33
"""In seconds since 1970. Later times are nonsense."""
_SCOPE = "openid email profile"


class _Metadata(BaseModel):
    """The part of the discovery document that is used."""

    issuer: str
    authorization_endpoint: AnyHttpUrl
    token_endpoint: AnyHttpUrl
    jwks_uri: AnyHttpUrl
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    id_token_signing_alg_values_supported: list[str] = ["RS256"]
    authorization_response_iss_parameter_supported: bool = False

    @property
    def auth_method(self) -> str:
        """How the site authenticates at the token endpoint."""
        is_basic = "client_secret_basic" in self.token_endpoint_auth_methods_supported
        return "client_secret_basic" if is_basic else "client_secret_post"


class _TokenAnswer(BaseModel):
    access_token: str
    id_token: str


class _Claims(BaseModel):
    """The claims of an ID token about its user."""

    sub: str = Field(min_length=1, max_length=255)
    email: str | None = None
    email_verified: Annotated[bool, BeforeValidator(lambda value: value is True)] = False
    name: str | None = None
    auth_time: float | None = Field(default=None, ge=0, le=_LATEST_TIME)


@dataclass(frozen=True, slots=True)
class _Cached:
    metadata: _Metadata
    keys: KeySet
    at: float


class OidcProvider:
    """Implements ``SignInProvider``."""

    def __init__(
        self,
        client: OidcClient,
        redirect_uri: str,
        monotonic: Callable[[], float],
        again: Mapping[str, str] = AUTHENTICATE_AGAIN,
    ) -> None:
        """``again`` are the parameters that let the provider ask users to authenticate again."""
        self.provider_id = client.id
        self.name = client.name
        self._client = client
        self._redirect_uri = redirect_uri
        self._monotonic = monotonic
        self._again = again
        self._cached: _Cached | None = None

    async def authorization_url(self, state: str, nonce: str, code_verifier: str, *, again: bool = False) -> str:
        async with provider_errors():
            metadata = (await self._load()).metadata
            url, _ = self._oauth(metadata).create_authorization_url(
                str(metadata.authorization_endpoint),
                state=state,
                nonce=nonce,
                code_verifier=code_verifier,
                **(self._again if again else {}),
            )
        return url

    async def fetch_profile(self, answer: Mapping[str, str], nonce: str, code_verifier: str) -> Profile:
        async with provider_errors():
            metadata = (await self._load()).metadata
            self._check_issuer(answer, metadata)
            async with self._oauth(metadata) as oauth:
                tokens = _TokenAnswer.model_validate(
                    await oauth.fetch_token(
                        str(metadata.token_endpoint),
                        grant_type="authorization_code",
                        code=answer.get("code", ""),
                        code_verifier=code_verifier,
                        redirect_uri=self._redirect_uri,
                    )
                )
            claims = _Claims.model_validate(await self._verify(tokens, nonce))
            authenticated_at = None if claims.auth_time is None else datetime.fromtimestamp(claims.auth_time, UTC)
        return Profile(claims.sub, claims.email or "", claims.email_verified, claims.name or "", authenticated_at)

    def _oauth(self, metadata: _Metadata) -> Any:
        secret = self._client.client_secret.get_secret_value()
        return oauth_client(self._client.client_id, secret, self._redirect_uri, metadata.auth_method, _SCOPE)

    def _check_issuer(self, answer: Mapping[str, str], metadata: _Metadata) -> None:
        """Refuse the answer of another provider (a mix-up attack), by RFC 9207."""
        named = answer.get("iss")
        is_missing = named is None and metadata.authorization_response_iss_parameter_supported
        if is_missing or named not in {None, self._client.issuer}:
            raise ProviderError("the answer has no iss parameter, or that of another provider")

    async def _verify(self, tokens: _TokenAnswer, nonce: str) -> dict[str, Any]:
        """Return the claims of the ID token, after checking its signature, issuer, audience, times and nonce."""
        cached = await self._load()
        try:
            token = self._decode(tokens.id_token, cached)
        except InvalidKeyIdError:
            token = self._decode(tokens.id_token, await self._load(KEYS_MIN_SECONDS))
        expected = {
            "iss": {"essential": True, "value": self._client.issuer},
            "sub": {"essential": True},
            "aud": {"essential": True, "value": self._client.client_id},
            "exp": {"essential": True},
        }
        given = {"nonce": nonce, "client_id": self._client.client_id, "access_token": tokens.access_token}
        claims = CodeIDToken(token.claims, token.header, cast("Any", expected), given)
        claims.validate(leeway=LEEWAY_SECONDS)
        return dict(claims)

    @staticmethod
    def _decode(id_token: str, cached: _Cached) -> jwt.Token:
        algorithms = sorted(ALGORITHMS.intersection(cached.metadata.id_token_signing_alg_values_supported))
        return jwt.decode(id_token, cached.keys, registry=JWSRegistry(algorithms=algorithms, strict_check_header=False))

    async def _load(self, cache_seconds: float = CACHE_SECONDS) -> _Cached:
        """Return the discovery document and the keys, at most ``cache_seconds`` old."""
        now = self._monotonic()
        if self._cached is None or now - self._cached.at > cache_seconds:
            async with oauth_client(self._client.client_id, "", "", "none", "") as http:
                metadata = _Metadata.model_validate(await _get_json(http, self._client.issuer.rstrip("/") + DISCOVERY))
                if metadata.issuer != self._client.issuer:
                    raise ProviderError("the discovery document is of another issuer")
                keys = KeySet.import_key_set(await _get_json(http, str(metadata.jwks_uri)))
            self._cached = _Cached(metadata, keys, now)
        return self._cached


async def _get_json(http: Any, url: str) -> Any:
    answer = await http.request("GET", url, withhold_token=True)
    answer.raise_for_status()
    return answer.json()
