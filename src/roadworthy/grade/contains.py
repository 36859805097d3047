"""Texts that the output must, or must not, hold."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from roadworthy.grade.normal_form import Ignored, normal_form
from roadworthy.grade.output_text import excerpt, text_of, unanswered
from roadworthy.grade.plain_grade import plain_grade
from roadworthy.records.grader_spec import BadOptions, OptionProblem
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.records.trial import Trial

Texts: TypeAlias = str | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains:
    """Passes when every text of `text` occurs in the output; the score is the share that do.

    An output that is not text is searched in its compact JSON form. No output holds nothing.
    `ignore` ignores ``space``, ``punctuation`` or ``unicode`` (`normal_form`).
    """

    text: Texts
    ignore_case: bool = True
    ignore: tuple[Ignored, ...] = ()
    name: ClassVar[str] = "contains"
    version: ClassVar[int] = 1
    shorthand: ClassVar[str] = "text"

    def __post_init__(self) -> None:
        _refuse_empty(self.text, self.ignore)

    async def grade(self, trial: Trial) -> Reading:
        """Look for each text."""
        if (silence := unanswered(trial)) is not None:
            return silence
        wanted = listed(self.text)
        found = _found(wanted, text_of(trial.output), self.ignore_case, self.ignore)
        if len(found) == len(wanted):
            return plain_grade(True, _all_found(wanted))
        missing = next(text for text in wanted if text not in found)
        if not text_of(trial.output):
            return plain_grade(False, f"the agent gave no output, expected {excerpt(missing)}")
        why = f"{excerpt(missing)} is not in the output ({len(found)} of {len(wanted)} found)"
        return Grade(passed=False, score=len(found) / len(wanted), why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotContains:
    """Passes when no text of `text` occurs in the output; the score is the share that do not.

    An empty output is unmeasured: that something is absent from nothing proves nothing.
    `ignore` is that of `contains`.
    """

    text: Texts
    ignore_case: bool = True
    ignore: tuple[Ignored, ...] = ()
    name: ClassVar[str] = "not_contains"
    version: ClassVar[int] = 1
    shorthand: ClassVar[str] = "text"

    def __post_init__(self) -> None:
        _refuse_empty(self.text, self.ignore)

    async def grade(self, trial: Trial) -> Reading:
        """Look for each text."""
        if (silence := unanswered(trial)) is not None:
            return silence
        output = text_of(trial.output)
        if not output.strip():
            return Unmeasured(cause=Cause.NO_OUTPUT, why="the agent gave no output to search")
        banned = listed(self.text)
        found = _found(banned, output, self.ignore_case, self.ignore)
        if not found:
            return plain_grade(True, "nothing that is ruled out is in the output")
        why = f"{excerpt(found[0])} is in the output and must not be"
        return Grade(passed=False, score=1 - len(found) / len(banned), why=why)


def listed(text: Texts) -> tuple[str, ...]:
    """Texts given one by one or as a list, as a list."""
    return (text,) if isinstance(text, str) else text


def _found(
    texts: tuple[str, ...], output: str, ignore_case: bool, ignore: tuple[Ignored, ...]
) -> list[str]:
    output = normal_form(output, ignore, ignore_case=ignore_case)
    return [text for text in texts if normal_form(text, ignore, ignore_case=ignore_case) in output]


def _all_found(wanted: tuple[str, ...]) -> str:
    if len(wanted) == 1:
        return "the expected text is in the output"
    return f"all {len(wanted)} expected texts are in the output"


def _refuse_empty(text: Texts, ignore: tuple[Ignored, ...]) -> None:
    texts = listed(text)
    if not texts:
        raise BadOptions([OptionProblem(place="text", message="names no text")])
    left = [bool(normal_form(one, ignore)) for one in texts]
    if not all(left):
        place = "text" if isinstance(text, str) else f"text[{left.index(False)}]"
        raise BadOptions([OptionProblem(place=place, message="is empty, and found everywhere")])
