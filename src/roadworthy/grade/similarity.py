"""Closeness of the output to a text, by characters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, TypeAlias

from roadworthy.grade.contains import Texts, listed
from roadworthy.grade.output_text import excerpt, text_of, unanswered
from roadworthy.records.grader_spec import BadOptions, OptionProblem
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.records.trial import Trial

Method: TypeAlias = Literal["ratio", "token_sort", "partial"]

_MOST_WORK: Final[dict[Method, float]] = {
    "ratio": 5e10,
    "token_sort": 5e10,
    "partial": 5e7,
}
"""Product of two lengths past which comparing them would take more than about two seconds."""

_WHOLE: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Similarity:
    """Passes when the output is at least `at_least` similar to `text`, or to one of several.

    Similarity is 1 - d / (a + b), where a and b are the lengths and d the insertions and
    deletions that turn one text into the other: 1.0 for equal texts, 0.0 for texts without a
    character in common. The case of letters and the amount of white space do not count. It
    compares letters, not meaning: "is allowed" and "is not allowed" are very similar.

    `method` says what is compared: the texts as they are (``ratio``), their words in
    alphabetical order (``token_sort``), or `text` with the most similar stretch of the output
    (``partial``), which for a shorter output is all of it.
    """

    text: Texts
    at_least: float
    method: Method = "ratio"
    name: ClassVar[str] = "similarity"
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        problems = []
        if not listed(self.text):
            problems.append(OptionProblem(place="text", message="names no text"))
        for position, text in enumerate(listed(self.text)):
            if not text.strip():
                place = "text" if isinstance(self.text, str) else f"text[{position}]"
                problems.append(OptionProblem(place=place, message="is empty"))
        if not 0.0 < self.at_least <= 1.0:
            message = f"lies above 0 and up to 1, got {self.at_least:g}"
            problems.append(OptionProblem(place="at_least", message=message))
        if problems:
            raise BadOptions(problems)

    async def grade(self, trial: Trial) -> Reading:
        """Measure the similarity to the nearest text, which is the score."""
        if (silence := unanswered(trial)) is not None:
            return silence
        output = _folded(text_of(trial.output))
        texts = listed(self.text)
        if len(output) * max(len(text) for text in texts) > _MOST_WORK[self.method]:
            why = f"{len(output)} characters are too many to compare by {self.method}"
            return Unmeasured(cause=Cause.GRADER_ERROR, why=why)
        measure = _measure(self.method)
        score, nearest = max(
            ((measure(_folded(text), output), text) for text in texts), key=lambda pair: pair[0]
        )
        passed = score >= self.at_least
        why = f"{score:.2f} similar to {excerpt(nearest)}, at least {self.at_least:g} expected"
        return Grade(passed=passed, score=score, why=why)


def _measure(method: Method) -> Callable[[str, str], float]:
    """How two texts are compared: from 0.0 to 1.0."""
    from rapidfuzz import fuzz  # noqa: PLC0415 - loaded only where it is used
    from rapidfuzz.distance import Indel  # noqa: PLC0415 - the same

    match method:
        case "ratio":
            return Indel.normalized_similarity
        case "token_sort":
            return lambda one, other: fuzz.token_sort_ratio(one, other) / _WHOLE
        case "partial":
            return _stretch


def _stretch(text: str, output: str) -> float:
    """An output that is a mere piece of `text` is not as good as one that holds it."""
    from rapidfuzz import fuzz  # noqa: PLC0415 - loaded only where it is used

    compare = fuzz.ratio if len(output) < len(text) else fuzz.partial_ratio
    return compare(text, output) / _WHOLE


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
