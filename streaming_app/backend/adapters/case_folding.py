"""Case folding for values that are unique without regard to case, the same in both stores."""

import unicodedata


def fold_case(text: str) -> str:
    """Fold ``text`` for comparison without regard to case (canonical caseless matching, Unicode 3.13, D145).

    The stores keep the folded text in a separate column or field with a unique index, because collations differ between
    databases. Invalid text (a lone surrogate, which JSON can contain) becomes U+FFFD, so that no search finds it.
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", whole).casefold())
