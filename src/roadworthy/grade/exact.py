"""Exact equality of the output with a JSON value."""

from dataclasses import dataclass
from typing import ClassVar

from roadworthy.base.codec import Json, canonical
from roadworthy.grade.normal_form import Ignored, normal_json
from roadworthy.grade.output_text import excerpt, unanswered
from roadworthy.grade.plain_grade import plain_grade
from roadworthy.records.reading import Reading
from roadworthy.records.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """Passes when the output is `value`: the same JSON, whatever the order of keys.

    Text is compared character by character, spaces included; the text ``"5"`` is not the
    number 5. `ignore_case` ignores the case of letters in texts, not in keys; `ignore` ignores
    ``space``, ``punctuation`` or ``unicode`` there (`normal_form`).
    """

    value: Json
    ignore_case: bool = False
    ignore: tuple[Ignored, ...] = ()
    name: ClassVar[str] = "exact"
    version: ClassVar[int] = 1
    shorthand: ClassVar[str] = "value"

    async def grade(self, trial: Trial) -> Reading:
        """Compare the output."""
        if (silence := unanswered(trial)) is not None:
            return silence
        if self._equals(trial.output):
            return plain_grade(True, "the output is the expected value")
        why = f"expected {excerpt(self.value)}, got {excerpt(trial.output)}"
        return plain_grade(False, why)

    def _equals(self, output: Json) -> bool:
        expected = self._normal(self.value)
        output = self._normal(output)
        if isinstance(expected, str) or isinstance(output, str):
            return expected == output
        return canonical(expected) == canonical(output)

    def _normal(self, value: Json) -> Json:
        return normal_json(value, self.ignore, ignore_case=self.ignore_case)
