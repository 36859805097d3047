"""What the graders inside a grader found, and what is told of it together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.grade.grade_trial import reading_of
from roadworthy.grade.part import TOOK_PART, Part, instruments_behind, instruments_within
from roadworthy.grade.policy.truth import Truth
from roadworthy.records.reading import Grade, Reading, Unmeasured
from roadworthy.records.span import SpanId
from roadworthy.records.trial import Trial

_SAID: Final = 200  # characters of one child's reason that are repeated in its parent's


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One grader inside, and what it found. `label` tells it apart from its siblings."""

    label: str
    part: Part
    reading: Reading

    @property
    def truth(self) -> Truth:
        """Whether it passed; `None` when it measured nothing."""
        return self.reading.passed if isinstance(self.reading, Grade) else None

    @property
    def why(self) -> str:
        """Who says what, in one line."""
        said = self.reading.why
        return f"{self.label}: {said if len(said) <= _SAID else said[: _SAID - 1] + '…'}"


async def read_child(label: str, part: Part, trial: Trial) -> Child:
    """Let one grader inside read the trial; what it raises is its own `Unmeasured`."""
    return Child(label=label, part=part, reading=await reading_of(part.grader, trial))


def labels(parts: Sequence[Part]) -> list[str]:
    """The names of graders, counted where one name stands more than once."""
    names = Counter(part.name for part in parts)
    seen: Counter[str] = Counter()
    found = []
    for part in parts:
        seen[part.name] += 1
        found.append(f"{part.name} {seen[part.name]}" if names[part.name] > 1 else part.name)
    return found


def scores(children: Iterable[Child]) -> dict[str, float]:
    """The score of every child that measured one."""
    graded = ((child.label, child.reading) for child in children)
    return {label: reading.score for label, reading in graded if isinstance(reading, Grade)}


def evidence(children: Iterable[Child]) -> tuple[SpanId, ...]:
    """The spans that the children name, each once."""
    readings = [child.reading for child in children]
    spans = (one for reading in readings if isinstance(reading, Grade) for one in reading.evidence)
    return tuple(dict.fromkeys(spans))


def told(children: Sequence[Child]) -> dict[str, Json]:
    """Every child's finding for who looks closer, what judges inside spent, and who took part."""
    rows: list[Json] = [_row(child) for child in children]
    spent: Counter[str] = Counter()
    for child in children:
        one = child.reading.details.get("spent")
        for name, value in one.items() if isinstance(one, dict) else ():
            if isinstance(value, int | float) and not isinstance(value, bool):
                spent[name] += value  # type: ignore[assignment]  # counts, and US dollars
    judges: list[Json] = [*_took_part(children)]
    told: dict[str, Json] = {"parts": rows}
    if spent:
        told["spent"] = dict(spent)
    if instruments_within([child.part for child in children]):
        told[TOOK_PART] = judges
    return told


def _took_part(children: Iterable[Child]) -> list[str]:
    """The instruments of judges that gave a verdict; what measured nothing decided nothing."""
    found: set[str] = set()
    for child in children:
        named = instruments_within([child.part])
        if isinstance(child.reading, Grade) and named:
            found |= instruments_behind(child.reading, named)
    return sorted(found)


def unmeasured(children: Sequence[Child]) -> Unmeasured:
    """That the children leave it open, in the words and with the cause of the first that does."""
    open_ = [child for child in children if isinstance(child.reading, Unmeasured)]
    first = open_[0].reading
    assert isinstance(first, Unmeasured)
    more = f"; and {len(open_) - 1} more" if len(open_) > 1 else ""
    why = f"left open by {open_[0].why}{more}"
    return Unmeasured(cause=first.cause, why=why, details=told(children))


def _row(child: Child) -> Json:
    reading = child.reading
    version = f"{child.part.name}@{child.part.grader.version}"
    found: dict[str, Json] = {"grader": version, "why": reading.why}
    if isinstance(reading, Grade):
        found |= {"passed": reading.passed, "score": reading.score}
    else:
        found |= {"unmeasured": reading.cause.value}
    return found | ({"details": reading.details} if reading.details else {})
