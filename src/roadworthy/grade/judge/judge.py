"""The ports of judging: a model that answers, a judge that gives judgements, those of a project.

Not here: talking to a provider, the cache, money (`app`).
"""

from collections.abc import Sequence
from typing import Protocol

from roadworthy.base.errors import RoadworthyError
from roadworthy.grade.judge.answer_form import Position
from roadworthy.grade.judge.material import Material
from roadworthy.grade.judge.prompt import Prompt
from roadworthy.records.judgement import Judgement
from roadworthy.records.record import Record
from roadworthy.records.rubric import Rubric
from roadworthy.records.usage import Usage


class Answer(Record, frozen=True, kw_only=True):
    """What a model wrote. `refused`: the provider says that it declined."""

    text: str
    usage: Usage = Usage()
    refused: bool = False


class ModelUnavailable(RoadworthyError):
    """A model gave no answer. The message holds no secret and nothing of what was judged."""

    def __init__(
        self,
        message: str,
        *,
        again: bool = False,
        lasting: bool = False,
        wait_s: float | None = None,
        was_billed: bool = False,
    ) -> None:
        super().__init__(message)
        self.again = again  # whether asking the same again may go well
        self.lasting = lasting  # whether no other question would go well either
        self.wait_s = wait_s  # seconds that the provider asked to wait
        self.was_billed = was_billed  # whether it may have cost something all the same


class JudgeModel(Protocol):
    """A model at a provider. It tries once; who asks decides about trying again."""

    @property
    def model(self) -> str:
        """``provider:model``, as it is shown and stored."""

    @property
    def identity(self) -> str:
        """All that could make the same words another answer: model, address, settings."""

    def open(self) -> None:
        """Load what it takes to ask, which can take a second; called in a thread of its own."""

    async def answer(self, prompt: Prompt) -> Answer:
        """Ask once. Raises `ModelUnavailable`."""

    async def close(self) -> None:
        """Give connections back."""


class Judge(Protocol):
    """Gives judgements; what goes wrong is a judgement that is `unread`, never an error."""

    @property
    def model(self) -> str:
        """``provider:model``."""

    async def judge(
        self,
        rubric: Rubric,
        material: Material,
        number: int,
        position: Position | None = None,
    ) -> Judgement:
        """Pass `number` over `material`. Raises nothing but cancellation."""


class Judges(Protocol):
    """The judges and rubrics of one suite, as graders use them."""

    def rubric(self, name: str, digest: str) -> Rubric:
        """A ready rubric, or one of the suite's folder; `digest`, where not empty, must fit.

        Raises:
            BadRequest: there is none, or it is another than `digest` says.
        """

    def panel(self, names: Sequence[str]) -> tuple[Judge, ...]:
        """Judges by their names in the settings; no name: the project's only one.

        Raises:
            BadRequest: there is none of that name, or none or several and none was named.
        """

    def note(self, text: str) -> None:
        """Tell the person who runs this something, once."""
