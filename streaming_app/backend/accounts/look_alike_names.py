"""Detects usernames that look like another username, or like a name of the site's staff."""

import re

_SAME_LOOK = str.maketrans({"0": "o", "1": "l", "i": "l"})
"""Letters and digits that look the same in many fonts; a capital i looks like an l."""
_SAME_LOOK_PAIRS = (("rn", "m"), ("vv", "w"))
_SEPARATORS = re.compile(r"[-_]")
_RESERVED_WORDS = (
    *("admin", "administrator", "mod", "moderator", "official", "operator", "owner", "root", "security", "staff"),
    *("streamingapp", "support", "sysadmin", "system", "webmaster"),
)


def skeleton(username: str) -> str:
    """Return the skeleton of ``username``. Names that look alike have the same skeleton.

    Case and separators do not count. The skeletons of all accounts are stored, so a change here requires a migration.
    """
    folded = username.lower().translate(_SAME_LOOK)
    for pair, letter in _SAME_LOOK_PAIRS:
        folded = folded.replace(pair, letter)
    return _SEPARATORS.sub("", folded)


_RESERVED = frozenset(map(skeleton, _RESERVED_WORDS))


def is_reserved(username: str) -> bool:
    """Whether ``username`` looks like a name of the staff: a reserved word, alone or with numbers or separators."""
    parts = [username, *_SEPARATORS.split(username)]
    return any(skeleton(form) in _RESERVED for part in parts for form in (part, part.strip("0123456789")))
