"""Names and labels are one line of text: no line breaks, no control characters, nothing that turns
the direction of reading."""

import unicodedata
from typing import Final

NOT_ONE_LINE: Final = "A name is one line, without control characters and marks of direction."
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS_AND_CONTROLS: Final = frozenset({"Cc", "Zl", "Zp", "Cs"})


def is_one_line(text: str) -> bool:
    return not any(map(_is_unfit, text))


def one_line(text: str) -> str:
    """Returns the text with a space for each run of characters that a line may not have."""
    return " ".join("".join(" " if _is_unfit(each) else each for each in text).split())


def _is_unfit(character: str) -> bool:
    # Joiners (U+200C, U+200D) stay: Persian, Hindi and emoji need them.
    return character in _BIDI or unicodedata.category(character) in _BREAKS_AND_CONTROLS
