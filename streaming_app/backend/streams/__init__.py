"""Channels, their stream keys and their live streams."""
