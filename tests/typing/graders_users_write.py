"""A grader as users write it; mypy --strict reads this file, tests/typing runs it."""

from dataclasses import dataclass
from typing import ClassVar

from roadworthy.grade import Cause, Grade, Grader, Reading, Trial, Unmeasured, as_grader


@dataclass(frozen=True, slots=True, kw_only=True)
class Polite:
    """Passes an answer that says a word."""

    word: str = "please"
    name: ClassVar[str] = "polite"
    version: ClassVar[int] = 1

    async def grade(self, trial: Trial) -> Reading:
        """Look for the word."""
        if not isinstance(trial.output, str):
            return Unmeasured(cause=Cause.NO_OUTPUT, why="there is no text to read")
        said = self.word in trial.output
        why = f"{self.word!r} is {'there' if said else 'missing'}"
        return Grade(passed=said, score=float(said), why=why)


polite: Grader = Polite()


@as_grader(version=2, needs="output", shorthand="limit")
def shouting(trial: Trial, *, limit: int = 3) -> bool:
    """The output has at most `limit` exclamation marks."""
    return str(trial.output).count("!") <= limit


@as_grader(version=1)
async def slow(trial: Trial, *, words: tuple[str, ...]) -> Reading:
    """Waits for nothing, but could."""
    return await polite.grade(trial) if words else Unmeasured(cause=Cause.NO_OUTPUT, why="none")


quiet: Grader = shouting(limit=0)
slower: Grader = slow(words=("please",))
names: list[str] = [shouting.name, slow.name]
wrong = shouting(limit="0")  # type: ignore[arg-type]  # options keep their types


def explain(reading: Reading) -> str:
    """Both kinds of reading, taken apart."""
    match reading:
        case Grade():
            return f"{reading.score}: {reading.why}"
        case Unmeasured():
            return f"{reading.cause}: {reading.why}"
