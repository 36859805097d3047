"""Which case of a pair is the spare one. Of cases that stand in for one another, one stays."""

from collections.abc import Iterable, Mapping, Sequence

from roadworthy.base.ids import natural_key
from roadworthy.gate.spring_cleaning.ground import Ground, Rule
from roadworthy.gate.spring_cleaning.likeness import Alike
from roadworthy.gate.spring_cleaning.sharing import Shared
from roadworthy.gate.spring_cleaning.spending import Spending
from roadworthy.gate.spring_cleaning.subject import Subject
from roadworthy.gate.wording import counted, names, percent
from roadworthy.records.case import Kind

_RANK = {Kind.REGRESSION: 0, Kind.CAPABILITY: 1, Kind.QUARANTINED: 2, Kind.CANDIDATE: 3}


def double_grounds(
    subjects: Sequence[Subject],
    spendings: Mapping[str, Spending],
    shared: Iterable[Shared],
    alike: Iterable[Alike],
) -> dict[str, list[Ground]]:
    """Grounds of the spare cases by id; a case that another one is spare beside is never spare.

    Of equal cases the one stays that gates, then the clearly cheaper, then the first by name. Cases
    that ask nearly the same and expect something else are both named, for a person to look.
    """
    by_case: dict[str, list[Ground]] = {}
    for ground, case in (*_of_failures(shared), *_of_inputs(alike)):
        by_case.setdefault(case, []).append(ground)
    order = sorted(subjects, key=lambda one: _worth(one, spendings[one.case]), reverse=True)
    spare: set[str] = set()
    for subject in order:
        grounds = by_case.get(subject.case, [])
        held = [ground for ground in grounds if not (ground.strong and ground.other in spare)]
        by_case[subject.case] = held
        if any(ground.strong for ground in held):
            spare.add(subject.case)
    return {case: grounds for case, grounds in by_case.items() if grounds}


def _worth(subject: Subject, spending: Spending) -> tuple[object, ...]:
    """Sorts the case that should stay first; prices that differ by a few per cent are alike."""
    cost = float(f"{spending.cost_usd:.1g}") if spending.cost_usd is not None else 0.0
    return (_RANK.get(subject.kind, 4), cost, natural_key(subject.case))


def _of_failures(shared: Iterable[Shared]) -> Iterable[tuple[Ground, str]]:
    for pair in shared:
        if not pair.shown:
            continue
        other = names([pair.other])
        how = "exactly when it did" if pair.equal else "whenever it did"
        why = (
            f"failed on {pair.failed} of {counted(pair.versions, 'version')}, and {other} failed "
            f"{how}; an unrelated case as hard would with chance {pair.chance:.2g}"
        )
        ground = Ground(rule=Rule.REDUNDANT, why=why, other=pair.other, strong=True)
        yield ground, pair.case


def _of_inputs(alike: Iterable[Alike]) -> Iterable[tuple[Ground, str]]:
    for pair in alike:
        for case, other in ((pair.case, pair.other), (pair.other, pair.case)):
            expects = "and expects the same" if pair.same else "and expects something else"
            near = percent(pair.similarity)
            why = f"its input is {near} that of {names([other])}, {expects}"
            ground = Ground(
                rule=Rule.NEAR_DUPLICATE,
                why=why,
                other=other,
                strong=pair.same,
            )
            yield ground, case
