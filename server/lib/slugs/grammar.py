"""Terms of hex groups: the part of the grammar that all kinds of slug share.

A slug is a letter and its terms, joined by `--`; a term is groups of four hex digits, joined by
`-`:

    s--0000-0007--0000-0000-0000-0081--5001
    |  project    block and device     variable
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from server.lib.slugs.errors import SlugError

GROUP_BITS = 16

# The longest slug has 39 characters; a text above this limit is refused unread.
MAX_CHARACTERS = 64

_GROUP = re.compile("[0-9a-f]{4}")
_LEADING_GROUP = re.compile("[0-9a-f]{1,4}")
_UNGROUPED = re.compile("[0-9a-f]{1,8}")


def to_term(number: int, groups: int) -> str:
    """Return `number` as `groups` groups of four lower case hex digits: `to_term(7, 2)` is
    `0000-0007`."""
    digits = f"{number:0{4 * groups}x}"
    return "-".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def check_fits(what: str, number: int, bits: int) -> None:
    """Raises SlugError unless `number` is an unsigned number of at most `bits` bits."""
    if not 0 <= number < 1 << bits:
        raise SlugError(f"A {what} is a number from 0 to 2^{bits} - 1; this one is not.")


@dataclass(frozen=True, slots=True)
class Terms:
    """A text split at its `--`, in lower case; its numbers are read term by term.

    Every method raises SlugError, with the whole text and the expected form, for what it cannot
    read.
    """

    text: str
    expected: str
    letter: str
    terms: tuple[str, ...]

    @classmethod
    def split(cls, text: str, *, letters: str, count: int, expected: str) -> Terms:
        """Return the `count` terms after a prefix of one of `letters`. A term may be empty here."""
        if not text.isascii() or len(text) > MAX_CHARACTERS:
            raise SlugError.malformed(text, expected)
        letter, dashes, rest = text[:1].lower(), text[1:3], text[3:].lower()
        terms = tuple(rest.split("--"))
        if not letter or letter not in letters or dashes != "--" or len(terms) != count:
            raise SlugError.malformed(text, expected)
        return cls(text, expected, letter, terms)

    def malformed(self) -> SlugError:
        return SlugError.malformed(self.text, self.expected)

    def number(self, at: int, *, least: int, most: int) -> int:
        """Return the number in `least` to `most` whole groups; missing groups on the left are 0."""
        groups = self.terms[at].split("-")
        if not least <= len(groups) <= most or not all(_GROUP.fullmatch(group) for group in groups):
            raise self.malformed()
        return int("".join(groups), 16)

    def padded_number(self, at: int, *, most: int) -> int:
        """Return a number like `number` does, but digits may be missing on the left too: `7`,
        `10007` and `1-0007` are valid.

        Only the leftmost group may be short: `1-2` would be one number without its dash and another
        one with its groups filled up, so it is refused.
        """
        first, *others = self.terms[at].split("-")
        leading = _LEADING_GROUP if others else _UNGROUPED
        whole = len(others) < most and all(_GROUP.fullmatch(group) for group in others)
        if not whole or not leading.fullmatch(first):
            raise self.malformed()
        return int(first + "".join(others), 16)
