"""Terms: a path in arguments or a result, and what must hold there.

`{cabin: business, "payments[*].usd": {$between: [0, 100]}}` holds when every value at every path
does. Beside the operators of `argument_constraint` there are those that look past one call:

``$fact: name``         equals what the case says under `facts`
``$attribute: name``    equals what the trace says under that name
``$said: role``         a message of that role, before the call, holds the value as text
``$known: {tool, path}``  an earlier result of that tool holds the value at that path
``$after``, ``$before``  is a time after or before this one (text, ``$fact`` or ``$attribute``)
``$under: /folder``      is a path below this folder, whatever ``..`` it holds
``$count: {of, at_least, at_most}``  so many items of this list meet the terms `of`
``$not: constraint``     the opposite
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.grade.argument_constraint import constraint_problems, described, satisfied
from roadworthy.grade.output_text import excerpt
from roadworthy.grade.policy.json_path import path_problem, values_at
from roadworthy.grade.policy.reference import Moment
from roadworthy.grade.policy.term_operators import TESTS, WRONG
from roadworthy.grade.policy.truth import Truth, all_of, negated
from roadworthy.records.grader_spec import OptionProblem


@dataclass(frozen=True, slots=True)
class Unmet:
    """A term that does not hold, or of which nobody knows (`truth` is `None`)."""

    path: str
    constraint: Json
    value: Json
    truth: Truth

    @property
    def why(self) -> str:
        """Such as ``usd is 250, must be between 0 and 100``."""
        asked = f"must be {in_words(self.constraint)}"
        if self.truth is None:
            return f"{self.path} cannot be told, {asked}"
        return f"{self.path} is {excerpt(self.value)}, {asked}"


def unmet(terms: Mapping[str, Json], whole: Json, at: Moment, *, absent: Truth) -> Unmet | None:
    """The first term that is false, else the first that is unknown; `None` when all hold.

    `absent` is what a term counts as that asks of a value which is not there.
    """
    unknown = None
    for path, constraint in terms.items():
        values = values_at(whole, path)
        truth = _term(constraint, values, at, absent)
        if truth is True:
            continue
        one = Unmet(path, constraint, values[0] if len(values) == 1 else list(values), truth)
        if truth is False:
            return one
        unknown = unknown or one
    return unknown


def hold(terms: Mapping[str, Json], whole: Json, at: Moment, *, absent: Truth) -> Truth:
    """Whether all terms hold."""
    missed = unmet(terms, whole, at, absent=absent)
    return True if missed is None else missed.truth


def in_words(constraint: Json) -> str:
    """What is asked for, after "must be"."""
    key, operand = _own(constraint)
    match key, operand:
        case None, _:
            return _plainly(constraint)
        case "$not", _:
            return f"other than {in_words(operand)}"
        case "$said", _:
            return f"something that the {operand} said"
        case "$known", {"tool": tool}:
            return f"something that {tool} returned"
        case "$count", {"of": of, **bounds}:
            said = " and ".join(f"{str(name)[3:]} {number}" for name, number in bounds.items())
            return f"a list with at {said} of {excerpt(of)}"
    return f"{str(key)[1:]} {excerpt(operand)}"


def _plainly(constraint: Json) -> str:
    match constraint:
        case {"$between": [low, high], **rest} if not rest:
            return f"between {low} and {high}"
        case {"$regex": pattern, **rest} if not rest:
            return f"like {excerpt(pattern)}"
    return described(constraint)


def term_problems(terms: Mapping[str, Json], place: str) -> Iterator[OptionProblem]:
    """Everything that is wrong with terms as written."""
    for path, constraint in terms.items():
        where = f"{place}.{path}"
        if (wrong := path_problem(path)) is not None:
            yield OptionProblem(place=where, message=wrong)
        yield from _constraint_problems(constraint, where)


def _constraint_problems(constraint: Json, place: str) -> Iterator[OptionProblem]:
    key, operand = _own(constraint)
    if key is None:
        yield from constraint_problems(constraint, place)
    elif key == "$not":
        yield from _constraint_problems(operand, f"{place}.$not")
    elif key == "$count":
        yield from _count_problems(operand, f"{place}.$count")
    elif (wrong := WRONG[key](operand)) is not None:
        yield OptionProblem(place=f"{place}.{key}", message=wrong)


def _count_problems(operand: Json, place: str) -> Iterator[OptionProblem]:
    match operand:
        case {"of": dict() as of, **bounds} if bounds and bounds.keys() <= _BOUNDS:
            yield from term_problems(of, f"{place}.of")
            if all(isinstance(one, int) and not isinstance(one, bool) for one in bounds.values()):
                return
        case _:
            pass
    yield OptionProblem(place=place, message="takes of: terms, and at_least or at_most as numbers")


def _term(constraint: Json, values: Sequence[Json], at: Moment, absent: Truth) -> Truth:
    """Whether every value is as asked; of none at all, what `absent` says."""
    if not values:
        return _of_nothing(constraint, absent)
    return all_of(_of_one(constraint, value, at) for value in values)


def _of_nothing(constraint: Json, absent: Truth) -> Truth:
    key, operand = _own(constraint)
    if key == "$not":
        return negated(_of_nothing(operand, absent))
    return True if isinstance(constraint, dict) and constraint.keys() == {"$absent"} else absent


def _of_one(constraint: Json, value: Json, at: Moment) -> Truth:
    key, operand = _own(constraint)
    if key is None:
        return satisfied(constraint, {"it": value}, "it")
    if key == "$not":
        return negated(_of_one(operand, value, at))
    return _count(operand, value, at) if key == "$count" else TESTS[key](operand, value, at)


def _own(constraint: Json) -> tuple[str | None, Json]:
    if isinstance(constraint, dict) and len(constraint) == 1:
        (key, operand), *_ = constraint.items()
        if key in OWN_OPERATORS:
            return key, operand
    return None, None


def _count(operand: Json, value: Json, at: Moment) -> Truth:
    if not isinstance(value, list) or not isinstance(operand, dict):
        return False
    of = operand.get("of")
    truths = [hold(of if isinstance(of, dict) else {}, item, at, absent=False) for item in value]
    least, most = operand.get("at_least", 0), operand.get("at_most", len(value))
    assert isinstance(least, int), "asked when the terms were read"
    assert isinstance(most, int), "asked when the terms were read"
    met, unsure = truths.count(True), truths.count(None)
    if met > most or met + unsure < least:
        return False
    return None if unsure and (met < least or met + unsure > most) else True


OWN_OPERATORS: Final = frozenset({*TESTS, "$not", "$count"})
_BOUNDS: Final = frozenset({"at_least", "at_most"})
