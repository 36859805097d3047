"""Operators that add what does not matter: anger, misleading context, a challenge to the policy."""

import re
from random import Random
from typing import Final

from roadworthy.suite.messy.kept_text import rewrite
from roadworthy.suite.messy.sentences import ANGRY_CLOSERS, ANGRY_OPENERS, CHALLENGES, MISLEADING
from roadworthy.suite.messy.variant import Means, Messy

_WORD: Final = re.compile(r"[^\W\d_]{3,}")


def anger(case: Messy, means: Means) -> Messy:
    """An angry opening or ending, words shouted, exclamation marks."""
    share = means.by_intensity(0.0, 0.15, 0.4)
    count = round(means.by_intensity(1, 2, 3))

    def rage(text: str) -> str:
        text = rewrite(text, lambda free: _shouted(free, share, means.rng), case.phrases)
        text = before(text, " ".join(means.some(ANGRY_OPENERS, (count + 1) // 2)))
        return after(text, " ".join(means.some(ANGRY_CLOSERS, count // 2)), end="!!")

    return case.rewording(rage, only_last=True)


def misleading_context(case: Messy, means: Means) -> Messy:
    """Hearsay that bears on the request and settles nothing."""
    count = round(means.by_intensity(1, 2, 3))
    said = means.some(MISLEADING, count)
    return case.rewording(lambda text: before(text, " ".join(said)), only_last=True)


def challenged_policy(case: Messy, means: Means) -> Messy:
    """The user disputes beforehand whatever rule may stand in the way."""
    said = means.some(CHALLENGES, round(means.by_intensity(1, 1, 2)))
    return case.rewording(lambda text: after(text, " ".join(said)), only_last=True)


def before(text: str, said: str) -> str:
    """`said`, then `text`."""
    return f"{said} {text}"


def after(text: str, said: str, *, end: str = "") -> str:
    """`text`, ended as a sentence, then `said`; `end` takes the place of the marks at its end."""
    whole = text.rstrip()
    body = whole.rstrip(".!?")
    if end:
        whole = body + end
    elif whole == body:
        whole += "." if body[-1:].isalnum() else ""
    return f"{whole} {said}".rstrip()


def _shouted(text: str, share: float, rng: Random) -> str:
    return _WORD.sub(lambda word: word[0].upper() if rng.random() < share else word[0], text)
