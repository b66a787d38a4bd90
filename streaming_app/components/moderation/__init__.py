"""The panels of the moderation page."""
