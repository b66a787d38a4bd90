"""Measure the comparison of one message with 500 blocked terms: ``python -m benchmarks.blocked_terms``.

The texts have the maximum length of a message. The terms are the most expensive ones: they contain asterisks, most of
their pieces occur in the text, and no term matches.
"""

from itertools import product
from string import ascii_lowercase
from time import perf_counter

from benchmarks.results import Row, load, print_results
from streaming_app.backend.chat.blocked_terms import BlockedTermMatcher
from streaming_app.backend.chat.rules_form import TERMS_MAX
from streaming_app.backend.config import Settings

ROUNDS = 20
PAIRS = [first + second for first, second in product(ascii_lowercase, repeat=2)]
CASES = {
    "beginnings": ([f"{pair}*zz" for pair in PAIRS], " ".join(PAIRS)),
    "pieces of other words": ([f"*{one}*{two}*" for one, two in product(PAIRS[:23], repeat=2)], " ".join(PAIRS)),
    "digits for letters": ([f"e*{pair}*k" for pair in PAIRS], "e4e3e1 1o0 a$a$a$ " * 50),
}


def main() -> None:
    """Measure and print the results."""
    length = Settings.model_fields["chat_max_length"].default
    print_results([_measured(name, terms[:TERMS_MAX], text[:length]) for name, (terms, text) in CASES.items()])


def _measured(name: str, listed: list[str], text: str) -> Row:
    terms, seconds = BlockedTermMatcher(listed), list[float]()
    for _ in range(ROUNDS):
        started = perf_counter()
        found = terms.find_in(text)
        seconds.append(perf_counter() - started)
        assert not found
    return {"case": name, "best ms": round(1000 * min(seconds), 2), "load": load()}


if __name__ == "__main__":
    main()
