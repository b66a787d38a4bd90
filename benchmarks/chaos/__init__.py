"""Faults of every part of a site under load, and what was lost: ``python -m benchmarks.chaos``. See docs/chaos.md."""
