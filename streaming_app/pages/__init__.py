"""One module for each page: its layout and ``register(app)``."""
