"""A rubric with its judges: the grader that asks them about a trial."""

from dataclasses import dataclass
from typing import ClassVar

from msgspec.structs import replace

from roadworthy.grade.judge.instrument import instrument_name
from roadworthy.grade.judge.judge import Judge, Judges
from roadworthy.grade.judge.judge_item import compare_item, judge_item
from roadworthy.grade.judge.material import Material, is_too_long, shown
from roadworthy.grade.judge.same_model import shared_model
from roadworthy.grade.judge.trial_material import Given, trial_material
from roadworthy.grade.judge.verdict import verdict_of
from roadworthy.records.judgement import Judgement
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.records.rubric import Rubric
from roadworthy.records.trial import Trial

_TOO_LONG = Unmeasured(
    cause=Cause.JUDGE_UNAVAILABLE, why="what was to be judged is longer than a judge is shown"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRubric:
    """Rates the answer by the rubric. Everything that can go wrong is known before it asks."""

    rubric: Rubric
    panel: tuple[Judge, ...]
    passes: int
    given: Given
    judges: Judges
    name: ClassVar[str] = "rubric"
    version: ClassVar[int] = 1

    @property
    def models(self) -> tuple[str, ...]:
        """The models that judge."""
        return tuple(judge.model for judge in self.panel)

    @property
    def instrument(self) -> str:
        """What is measured with, as `TrialReading.instrument` has it."""
        return instrument_name(self.rubric, self.models, self.passes)

    async def grade(self, trial: Trial) -> Reading:
        """Show the trial to every judge."""
        material = trial_material(trial, self.rubric, self.given)
        if not isinstance(material, Material):
            return material
        if is_too_long(shown(self.rubric, material)):
            return _TOO_LONG
        judgements = await self.ask(material)
        return self._noted(verdict_of(judgements, self.rubric, material), trial)

    async def ask(self, material: Material) -> tuple[Judgement, ...]:
        """Every pass of every judge."""
        return await judge_item(self.panel, self.rubric, material, self.passes)

    def _noted(self, reading: Reading, trial: Trial) -> Reading:
        """With a remark where a model judged its own work."""
        model = shared_model(self.models, trial)
        if model is None:
            return reading
        self.judges.note(SAME_MODEL.format(model=model))
        details = {**reading.details, "judge_is_agent": model}
        if isinstance(reading, Grade):
            return replace(reading, details=details)
        return replace(reading, details=details)


SAME_MODEL = "judge and agent are the same model, {model}: models favour their own answers"
"""What a person is told when a model judges its own work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundPairwise(BoundRubric):
    """Compares the answer with another one, in both orders."""

    name: ClassVar[str] = "pairwise"

    @property
    def instrument(self) -> str:
        """Comparing is another instrument than rating."""
        return instrument_name(self.rubric, self.models, self.passes, pairwise=True)

    async def ask(self, material: Material) -> tuple[Judgement, ...]:
        """Every pass of every judge, each in both orders."""
        return await compare_item(self.panel, self.rubric, material, self.passes)
