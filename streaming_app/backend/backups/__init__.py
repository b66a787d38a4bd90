"""Backups of a running site, and their restoration into an empty one."""
