"""The operator that breaks the form of the input and leaves its facts readable."""

from collections.abc import Callable
from random import Random
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.suite.messy.kept_text import rewrite
from roadworthy.suite.messy.said import said_in
from roadworthy.suite.messy.variant import Means, Messy, NotApplicable

_FOREIGN: Final = "â€œ"  # an opening quote that was decoded as the wrong character set


def malformed(case: Messy, means: Means) -> Messy:
    """Text with remains of markup, of JSON, of a wrong character set; JSON with wrong types."""
    count = round(means.by_intensity(1, 2, 3))
    if isinstance(case.input, dict) and "messages" not in case.input:
        return case.having(input=_broken(case.input, count, means.rng))
    if not said_in(case.input):
        raise NotApplicable("its input holds no words of a user")
    forms = means.rng.sample(_FORMS, count)

    def spoil(text: str) -> str:
        for form in forms:
            text = form(text, case.phrases)
        return text

    return case.rewording(spoil, only_last=True)


def _as_json(text: str, _: tuple[str, ...]) -> str:
    return f'{{"message": "{text}", "attachments": [],'


def _as_markup(text: str, phrases: tuple[str, ...]) -> str:
    spaced = rewrite(
        text, lambda free: free.replace("  ", " &nbsp;").replace("\n", "<br>\n"), phrases
    )
    return f'<p class="MsoNormal">{spaced}</p></td>'


def _as_mojibake(text: str, phrases: tuple[str, ...]) -> str:
    spoiled = rewrite(
        text,
        lambda free: free.replace("'", "â€™").replace("\u2019", "â€™").replace("é", "Ã©"),
        phrases,
    )
    return f"{_FOREIGN} {spoiled} â€"


_FORMS: Final[tuple[Callable[[str, tuple[str, ...]], str], ...]] = (
    _as_json,
    _as_markup,
    _as_mojibake,
)


def _broken(given: dict[str, Json], count: int, rng: Random) -> dict[str, Json]:
    """Values in a list or as text where they were plain, and a field that nobody asked for."""
    names = [name for name, value in given.items() if not isinstance(value, dict | list)]
    chosen = set(rng.sample(names, min(count, len(names))))
    broken = {
        name: _other_type(value, rng) if name in chosen else value for name, value in given.items()
    }
    return {**broken, "undefined": None}


def _other_type(value: Json, rng: Random) -> Json:
    if isinstance(value, int | float) and not isinstance(value, bool) and rng.random() < 0.5:  # noqa: PLR2004 - one or the other
        return f" {value} "
    return [value]
