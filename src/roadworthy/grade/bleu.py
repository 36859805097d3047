"""BLEU of the output against reference texts."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final, Literal, TypeAlias

from roadworthy.grade.contains import Texts, listed
from roadworthy.grade.extras import require_extra
from roadworthy.grade.output_text import text_of, unanswered
from roadworthy.records.grader_spec import BadOptions, OptionProblem
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.records.trial import Trial

if TYPE_CHECKING:
    from sacrebleu.metrics.bleu import BLEU

LONGEST: Final = 200_000
"""Characters of an output that are compared; a longer one is unmeasured."""

Tokenizer: TypeAlias = Literal["13a", "intl", "char", "zh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bleu:
    """Passes when the output's BLEU against `references` is at least `at_least`, from 0 to 1.

    BLEU is the geometric mean of the shares of runs of one to four words that also stand in a
    reference, lowered for an output that is shorter. For one short text, as here: with
    exponential smoothing, and with the orders only that the text is long enough for. `tokenize`
    says how words are found, `ignore_case` ignores the case of letters.

    Source: Papineni et al. (2002), BLEU; Post (2018), A Call for Clarity in Reporting BLEU
    Scores (sacrebleu, which computes it).
    """

    references: Texts
    at_least: float
    tokenize: Tokenizer = "13a"
    ignore_case: bool = False
    name: ClassVar[str] = "bleu"
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        problems = []
        if not listed(self.references) or not all(text.strip() for text in listed(self.references)):
            problems.append(
                OptionProblem(place="references", message="names an empty text, or none")
            )
        if not 0.0 < self.at_least <= 1.0:
            message = f"lies above 0 and up to 1, got {self.at_least:g}"
            problems.append(OptionProblem(place="at_least", message=message))
        if problems:
            raise BadOptions(problems)
        require_extra("sacrebleu", "text")

    async def grade(self, trial: Trial) -> Reading:
        """Compute BLEU, which is the score."""
        if (silence := unanswered(trial)) is not None:
            return silence
        text = text_of(trial.output)
        if len(text) > LONGEST:
            why = f"{len(text)} characters are more than the {LONGEST} that are compared"
            return Unmeasured(cause=Cause.GRADER_ERROR, why=why)
        metric = _metric(self.tokenize, self.ignore_case)
        found = metric.sentence_score(text, list(listed(self.references))).score / 100.0
        score = min(max(found, 0.0), 1.0)
        why = f"BLEU {score:.2f}, at least {self.at_least:g} expected"
        return Grade(passed=score >= self.at_least, score=score, why=why)


@cache
def _metric(tokenize: Tokenizer, ignore_case: bool) -> "BLEU":
    from sacrebleu.metrics.bleu import BLEU  # noqa: PLC0415 - from an extra, and slow to load

    return BLEU(tokenize=tokenize, lowercase=ignore_case, effective_order=True)
