"""Recordings in lists."""
