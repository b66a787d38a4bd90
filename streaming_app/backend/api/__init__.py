"""The platform over HTTP: sign-in, the catalog, what nginx asks, and the documents of pages."""
