"""Benchmarks of the site: the delay of its video and chat, and how many viewers it serves."""
