"""Case folding for values that are unique without regard to case, the same in both stores."""

import unicodedata


def fold_case(text: str) -> str:
    """``text`` as it is compared without regard to case (canonical caseless matching, Unicode 3.13, D145).

    Kept beside the value and made unique: collations differ between databases, equality does not. What is no Unicode
    text (a lone surrogate, which JSON can carry) becomes U+FFFD, so that looking for it finds nobody.
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", whole).casefold())
