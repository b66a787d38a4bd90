"""Sign-in with accounts of other sites: Google, VK and OpenID Connect providers."""
