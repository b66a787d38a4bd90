"""The platform over HTTP: sign-in, the live channels, the callbacks of nginx, and the HTML of pages."""
