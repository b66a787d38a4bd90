"""The panels of the studio."""
