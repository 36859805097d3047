"""The name of a measuring instrument: a rubric as it is used, the models, the passes.

What is calibrated is this and nothing wider: another question, pass mark, prompt, penalty rule,
model or number of passes makes another name.
"""

from collections.abc import Sequence

from roadworthy.base.codec import canonical
from roadworthy.base.ids import hex_digest
from roadworthy.grade.judge.flaws import FLAWS_VERSION
from roadworthy.grade.judge.prompt import asked_digest
from roadworthy.records.rubric import Rubric

VERDICT_VERSION = 1
"""Goes up when the same passes could add up to another reading."""


def rubric_digest(rubric: Rubric) -> str:
    """16 hex digits over all that decides a verdict but the judges; not over names or versions."""
    rule = [
        [[one.name, one.weight, one.required] for one in rubric.criteria],
        rubric.min_score,
        rubric.aggregate,
        dict(sorted(rubric.penalties.items())),
    ]
    versions = [VERDICT_VERSION, FLAWS_VERSION]
    return hex_digest(canonical([asked_digest(rubric), rule, versions]))[:16]


def instrument_name(
    rubric: Rubric, models: Sequence[str], passes: int, *, pairwise: bool = False
) -> str:
    """Rubric, digest, models in alphabetical order, and passes.

    Comparing two answers is another instrument than rating one: ``pairwise:…``.
    """
    kind = "pairwise:" if pairwise else ""
    who = "+".join(sorted(models))
    return f"{kind}{rubric.name}@{rubric_digest(rubric)}/{who}\N{MULTIPLICATION SIGN}{passes}"
