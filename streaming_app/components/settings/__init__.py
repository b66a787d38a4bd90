"""Components of the settings pages."""
