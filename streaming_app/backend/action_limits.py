"""How often one user may do what costs the site work. Each action spends a token, also if it is refused."""

from dataclasses import dataclass
from datetime import timedelta

from streaming_app.backend.rate_limit import NewRateLimit, RateLimit

UPLOADS = 20
"""Pictures that one user may upload at once."""
UPLOAD_REFILL = timedelta(seconds=5)
"""Interval of further uploads of one user."""
CHANGES = 60
"""Follows and changes of settings that one user may make at once."""
CHANGE_REFILL = timedelta(seconds=1)
"""Interval of further changes of one user."""
NEW_KEYS = 10
"""Stream keys that one user may replace at once."""
NEW_KEY_REFILL = timedelta(minutes=1)
"""Interval of further new stream keys of one user."""
MODERATIONS = 60
"""Requests for moderation that one user may send at once. A raid keeps moderators busy."""
MODERATION_REFILL = timedelta(milliseconds=500)
"""Interval of further requests for moderation of one user."""


@dataclass(frozen=True, slots=True)
class ActionLimits:
    """The rate limits of users' actions."""

    uploads: RateLimit
    changes: RateLimit
    new_keys: RateLimit
    moderations: RateLimit


def action_limits(new_limit: NewRateLimit) -> ActionLimits:
    """Return the rate limits."""
    return ActionLimits(
        new_limit("uploads", UPLOADS, UPLOAD_REFILL, "Slow down."),
        new_limit("changes", CHANGES, CHANGE_REFILL, "Slow down."),
        new_limit("new-keys", NEW_KEYS, NEW_KEY_REFILL, "Slow down."),
        new_limit("moderations", MODERATIONS, MODERATION_REFILL, "Slow down."),
    )
