"""Rate limits for tests that are about something else."""

from datetime import timedelta

from streaming_app.backend.rate_limit import RateLimit


def unlimited() -> RateLimit:
    """Return a rate limit that refuses nothing."""
    return RateLimit(1_000_000, timedelta(seconds=1), lambda: 0.0, "Slow down.")
