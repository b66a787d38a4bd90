"""Components of the administration."""
