"""Sign-in with VK ID. It is OAuth 2.1 with one more parameter, ``device_id``, and has no ID token to verify."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, Field

from streaming_app.backend.accounts.providers.model import Profile
from streaming_app.backend.accounts.providers.ports import ProviderError
from streaming_app.backend.adapters.sign_in_providers.oauth_client import oauth_client, provider_errors

VK_ID = "vk"
_SCOPE = "vkid.personal_info email"

_UserId = Annotated[str, BeforeValidator(str), Field(pattern=r"^[0-9]{1,20}$")]
"""VK writes it as a number in one answer and as text in the other."""


class _VkTokenAnswer(BaseModel):
    access_token: str
    user_id: _UserId
    state: str


class _User(BaseModel):
    user_id: _UserId
    first_name: str = ""
    last_name: str = ""
    email: str | None = None


class _UserInfo(BaseModel):
    user: _User


class VkProvider:
    """Implements ``SignInProvider``."""

    def __init__(self, client_id: str, client_secret: str, redirect_uri: str, url: str) -> None:
        """``client_secret`` may be empty. ``url`` is VK's server, without a final slash."""
        self.provider_id = VK_ID
        self.name = "VK"
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._url = url

    async def authorization_url(
        self,
        state: str,
        nonce: str,  # noqa: ARG002 - OIDC only
        code_verifier: str,
        *,
        again: bool = False,
    ) -> str:
        prompt = {"prompt": "login"} if again else {}
        url, _ = self._oauth().create_authorization_url(
            f"{self._url}/authorize", state=state, code_verifier=code_verifier, **prompt
        )
        return url

    async def fetch_profile(self, answer: Mapping[str, str], nonce: str, code_verifier: str) -> Profile:  # noqa: ARG002
        async with provider_errors(), self._oauth() as oauth:
            tokens = _VkTokenAnswer.model_validate(
                await oauth.fetch_token(
                    f"{self._url}/oauth2/auth",
                    body=urlencode({"state": answer.get("state", "")}),
                    grant_type="authorization_code",
                    code=answer.get("code", ""),
                    device_id=answer.get("device_id", ""),
                    code_verifier=code_verifier,
                    redirect_uri=self._redirect_uri,
                )
            )
            if tokens.state != answer.get("state"):
                raise ProviderError("the token belongs to another sign-in")
            form = {"access_token": tokens.access_token, "client_id": self._client_id}
            info = await oauth.request("POST", f"{self._url}/oauth2/user_info", withhold_token=True, data=form)
            info.raise_for_status()
            user = _UserInfo.model_validate(info.json()).user
        if user.user_id != tokens.user_id:
            raise ProviderError("the profile belongs to another user")
        # VK does not state that the user receives mail at this address.
        name = f"{user.first_name} {user.last_name}".strip()
        return Profile(user.user_id, user.email or "", email_verified=False, name=name)

    def _oauth(self) -> Any:
        method = "client_secret_post" if self._client_secret else "none"
        return oauth_client(self._client_id, self._client_secret, self._redirect_uri, method, _SCOPE)
