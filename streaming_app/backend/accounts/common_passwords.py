"""The most common passwords of published leaks, from the zxcvbn package, which ships 30,000 of them."""

from functools import cache


def is_common(password: str) -> bool:
    """Whether ``password`` is one of the most common passwords, ignoring case, or repeats one character."""
    return len(set(password)) == 1 or password.lower() in _common_passwords()


@cache
def _common_passwords() -> frozenset[str]:
    # Imported on first use: the lists take 8 MB, and most processes check no passwords.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415

    return frozenset(FREQUENCY_LISTS["passwords"])
