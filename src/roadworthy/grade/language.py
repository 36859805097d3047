"""The natural language of the output."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Final, Protocol

from roadworthy.base.printable import printable
from roadworthy.base.registry import nearest
from roadworthy.grade.contains import Texts, listed
from roadworthy.grade.extras import require_extra
from roadworthy.grade.output_text import text_of, unanswered
from roadworthy.records.grader_spec import BadOptions, OptionProblem
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.records.trial import Trial

LONGEST: Final = 4_000
"""Characters of an output that are looked at: its beginning."""


class Identifier(Protocol):
    """What is used of py3langid, which has no types."""

    @property
    def labels(self) -> list[str]:
        """Codes of the languages that it knows."""
        ...

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Every language with its probability, the likeliest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """Passes when the output is in one of the languages `expected` (ISO 639 codes, e.g. ``en``).

    The expected ones together must have a probability of `min_probability`, which is the score.
    It fails when another language has as much. An output of fewer than `min_letters` letters,
    or one that could be several languages, does not tell: unmeasured.

    Source: Lui and Baldwin (2012), langid.py (py3langid, which computes the probabilities).
    """

    expected: Texts
    min_probability: float = 0.5
    min_letters: int = 20
    name: ClassVar[str] = "language"
    version: ClassVar[int] = 1
    shorthand: ClassVar[str] = "expected"

    def __post_init__(self) -> None:
        problems = [*self._wrong_numbers()]
        if not listed(self.expected):
            problems.append(OptionProblem(place="expected", message="names no language"))
        if problems:
            raise BadOptions(problems)
        require_extra("py3langid", "text")
        if unknown := [*_unknown(self.expected)]:
            raise BadOptions(unknown)

    async def grade(self, trial: Trial) -> Reading:
        """Tell the language of the output's beginning."""
        if (silence := unanswered(trial)) is not None:
            return silence
        text = text_of(trial.output)[:LONGEST]
        letters = sum(character.isalpha() for character in text)
        if letters < self.min_letters:
            why = f"{letters} letters are too few to tell a language, {self.min_letters} needed"
            cause = Cause.TOO_LITTLE if text.strip() else Cause.NO_OUTPUT
            return Unmeasured(cause=cause, why=why)
        ranked = _identifier().rank(text)
        score = min(sum(share for code, share in ranked if code in listed(self.expected)), 1.0)
        likely = ", ".join(f"{code} {share:.0%}" for code, share in ranked[:3])
        best, share = ranked[0]
        if score >= self.min_probability:
            return Grade(passed=True, score=score, why=f"most likely {likely}")
        if best not in listed(self.expected) and share >= self.min_probability:
            wanted = " or ".join(listed(self.expected))
            return Grade(passed=False, score=score, why=f"expected {wanted}, most likely {likely}")
        return Unmeasured(cause=Cause.TOO_LITTLE, why=f"no language stands out: {likely}")

    def _wrong_numbers(self) -> Iterator[OptionProblem]:
        if not 0.5 <= self.min_probability <= 1.0:  # noqa: PLR2004 - two cannot both have more
            message = f"lies from 0.5 to 1, got {self.min_probability:g}"
            yield OptionProblem(place="min_probability", message=message)
        if self.min_letters < 1:
            message = f"is at least 1, got {self.min_letters}"
            yield OptionProblem(place="min_letters", message=message)


def _unknown(expected: Texts) -> Iterator[OptionProblem]:
    known = _identifier().labels
    for position, code in enumerate(listed(expected)):
        if code not in known:
            place = "expected" if isinstance(expected, str) else f"expected[{position}]"
            message = f"no language with the code {printable(code, limit=40)!r}"
            hint = nearest(code, known)
            yield OptionProblem(place=place, message=message, hint=hint)


@cache
def _identifier() -> Identifier:
    # Late, as it is from an extra and takes half a second to load.
    from py3langid import langid  # type: ignore[import-untyped]  # noqa: PLC0415 - see above

    made: Identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    return made
