"""Sign-in providers: OpenID Connect and VK ID, through authlib."""

from collections.abc import Mapping
from time import monotonic

from streaming_app.backend.accounts.providers.policy import callback_path
from streaming_app.backend.accounts.providers.ports import SignInProvider
from streaming_app.backend.adapters.sign_in_providers.oidc import OidcProvider
from streaming_app.backend.adapters.sign_in_providers.vk import VK_ID, VkProvider
from streaming_app.backend.config import Settings
from streaming_app.backend.setting_types import OidcClient

GOOGLE_ID = "google"
GOOGLE_AGAIN = {"prompt": "select_account"}
"""Google has no parameter that asks for the password again. This one at least asks which account it is."""
GOOGLE_ISSUER = "https://accounts.google.com"


def sign_in_providers(settings: Settings, site_url: str) -> Mapping[str, SignInProvider]:
    """Return the configured providers by id, in the order of the buttons. Sends no request."""
    providers: dict[str, SignInProvider] = {}
    if settings.google_client_id and settings.google_client_secret:
        google = OidcClient(
            id=GOOGLE_ID,
            name="Google",
            issuer=GOOGLE_ISSUER,
            client_id=settings.google_client_id,
            client_secret=settings.google_client_secret,
        )
        providers[GOOGLE_ID] = OidcProvider(google, site_url + callback_path(GOOGLE_ID), monotonic, GOOGLE_AGAIN)
    if settings.vk_client_id:
        secret = settings.vk_client_secret.get_secret_value() if settings.vk_client_secret else ""
        url = str(settings.vk_id_url).rstrip("/")
        providers[VK_ID] = VkProvider(settings.vk_client_id, secret, site_url + callback_path(VK_ID), url)
    for client in settings.oidc_providers:
        providers[client.id] = OidcProvider(client, site_url + callback_path(client.id), monotonic)
    return providers
