"""Live updates in the browser: one feed client for each path, and the small components that read it."""
