"""From what a judge wrote to scores, or to the reason why it cannot be read.

Nothing is guessed: an answer counts when it is one JSON object of the form that was asked for,
alone or with talk around it, with every criterion, each with an answer that its scale allows.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final, NoReturn

from roadworthy.base.codec import Json
from roadworthy.base.printable import printable
from roadworthy.grade.judge.answer_form import Position, answers_of
from roadworthy.grade.judge.material import Material
from roadworthy.grade.judge.quotes import QuoteCheck
from roadworthy.records.judgement import CriterionScore
from roadworthy.records.rubric import Criterion, Rubric

MAX_ANSWER: Final = 100_000
"""Characters of an answer that are read at all."""

_MAX_STARTS: Final = 20  # places where an object may begin, in talk around it
_MAX_QUOTES: Final = 20
_MAX_QUOTE: Final = 500  # characters
_MAX_REASON: Final = 2_000  # characters
_REFUSAL: Final = re.compile(
    r"\b(?:i|we)(?: am|['\u2019]m| are)? (?:can ?not|can['\u2019]t|won['\u2019]t|will not|unable to"
    r"|not able to|not comfortable)\b",
    re.IGNORECASE,
)


class UnreadableAnswer(Exception):
    """The judge did not answer as it was asked to; `refused`: it declined to."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.refused = refused


def read_answer(
    text: str, rubric: Rubric, material: Material, position: Position | None = None
) -> tuple[CriterionScore, ...]:
    """One score for each criterion, in the rubric's order.

    Raises:
        UnreadableAnswer: with what is wrong, in one sentence.
    """
    said = _criteria(text)
    check = QuoteCheck(rubric, material)
    return tuple(_score(said, one, check, position) for one in rubric.criteria)


def _criteria(text: str) -> dict[str, Json]:
    if not text.strip():
        _refuse("the answer is empty")
    if len(text) > MAX_ANSWER:
        _refuse(f"the answer has {len(text)} characters, at most {MAX_ANSWER} are read")
    objects = [one for one in _objects(text) if "criteria" in one]
    if not objects:
        if _REFUSAL.search(text):
            raise UnreadableAnswer("the judge declined to judge", refused=True)
        _refuse("the answer holds no JSON object with `criteria`")
    if len(objects) > 1:
        _refuse(f"the answer holds {len(objects)} verdicts")
    criteria = objects[0]["criteria"]
    return criteria if isinstance(criteria, dict) else _refuse("`criteria` is no object")


def _objects(text: str) -> Iterator[dict[str, Json]]:
    """JSON objects in `text` that stand in no other."""
    decoder = json.JSONDecoder(object_pairs_hook=_without_doubles, parse_constant=_no_number)
    at, starts = text.find("{"), 0
    while at >= 0 and starts < _MAX_STARTS:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield value
        at, starts = text.find("{", end), starts + 1


def _without_doubles(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key stands twice")
    return made


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _score(
    said: dict[str, Json], criterion: Criterion, check: QuoteCheck, position: Position | None
) -> CriterionScore:
    entry = said.get(criterion.name)
    if not isinstance(entry, dict):
        _refuse(f"criterion {criterion.name} is missing")
    allowed = answers_of(criterion, position)
    answer = _answer(entry.get("answer", entry.get("score")))
    if answer not in allowed:
        got = printable(answer, limit=40)
        _refuse(f"{criterion.name}: expected one of {', '.join(sorted(allowed))}, got {got!r}")
    quotes = _quotes(entry.get("quotes"))
    if criterion.quotes and not any(check.supports(quote) for quote in quotes):
        _refuse(f"{criterion.name}: none of {len(quotes)} quotes is in the material")
    reason = entry.get("reason")
    return CriterionScore(
        criterion=criterion.name,
        score=allowed[answer],
        reason=storable(reason[:_MAX_REASON]) if isinstance(reason, str) else "",
        quotes=quotes,
    )


def _answer(value: Json) -> str:
    match value:
        case str():
            return storable(value).strip().casefold()
        case bool() | None:
            return str(value)
        case float() if value.is_integer():
            return str(int(value))[:100]
        case _:
            return str(value)[:100]


def _quotes(value: Json) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    kept = [one for one in listed if isinstance(one, str) and one.strip()]
    return tuple(storable(one[:_MAX_QUOTE]) for one in kept[:_MAX_QUOTES])


def storable(text: str) -> str:
    """`text` with halves of characters, which JSON can spell and UTF-8 cannot, replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _refuse(why: str) -> NoReturn:
    raise UnreadableAnswer(why)
