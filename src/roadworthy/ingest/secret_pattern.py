"""One kind of secret: what it looks like, and what every text that holds it holds.

A pattern begins at a literal or at a boundary, repeats one character class at a time, and never
nests repeats over the same characters, so that hostile text cannot make it search at length.
The group ``secret`` is what is replaced; `confirmed` weeds out what only looks alike. Where a
group ``name`` ends a name, `told_by` says whether that name makes the match a secret.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass


def anything(_: str) -> bool:
    """Every text."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretPattern:
    """One kind of secret, with what every match holds: most texts are not searched at all.

    A match holds one of the characters in `marks`, and in lower case one of the `words`; empty
    asks for nothing. Looking for these is some hundred times faster than matching. In lower case
    it also matches `gate`, which patterns share so that one search speaks for all.
    """

    kind: str
    pattern: re.Pattern[str]
    marks: str = ""
    words: tuple[str, ...] = ()
    gate: re.Pattern[str] | None = None
    confirmed: Callable[[str], bool] = anything
    told_by: Callable[[re.Match[str], str], bool] | None = None  # the match and its whole name
    unquoted: bool = False  # matches a number where a text goes, which takes the group ``quote``

    def may_be_in(self, text: str, folded: str) -> bool:
        """Whether `text` has to be searched; `folded` is the same text, case folded."""
        return self.marked_in(text) and opens(self.words, self.gate, folded)

    def marked_in(self, text: str) -> bool:
        """Whether `text` holds one of the marks."""
        for mark in self.marks:
            if mark in text:
                return True
        return not self.marks


def opens(words: tuple[str, ...], gate: re.Pattern[str] | None, folded: str) -> bool:
    """Whether `folded` holds one of `words`, if any is asked for, and matches `gate`."""
    for word in words:
        if word in folded:
            return gate is None or gate.search(folded) is not None
    return not words
