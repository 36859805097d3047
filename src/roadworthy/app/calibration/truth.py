"""What people say of an item, from what each of them said. Only people count.

The newest answer of an annotator counts; one that was skipped is none. Where annotators differ,
more than half of them must agree, else nobody knows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from roadworthy.records.label import Label, Labeller

PASS = "pass"  # noqa: S105 - an answer
FAIL = "fail"
AUDIT = "audit"
"""Why an item was labelled that was drawn at random; nothing else says so."""


def majority(answers: Iterable[str]) -> str | None:
    """The answer of more than half; `None` when there is none."""
    counts = Counter(answers)
    if not counts:
        return None
    answer, count = counts.most_common(1)[0]
    return answer if 2 * count > counts.total() else None


def answers_of(labels: Iterable[Label]) -> dict[str, dict[str, str]]:
    """Item to annotator to answer, from labels in the order in which they were stored."""
    found: dict[str, dict[str, str]] = {}
    for label in labels:
        if label.made_by is not Labeller.HUMAN:
            continue
        of_item = found.setdefault(label.item, {})
        if label.skipped or not label.value:
            of_item.pop(label.annotator, None)
        else:
            of_item[label.annotator] = label.value.strip().casefold()
    return {item: answers for item, answers in found.items() if answers}


def random_items(labels: Iterable[Label]) -> set[str]:
    """Items that a person was shown because they were drawn at random, and answered.

    A label that does not say how its item was drawn counts for no random draw: a file that is
    imported says ``audit`` where it holds one.
    """
    return {
        label.item
        for label in labels
        if label.drawn == AUDIT and label.made_by is Labeller.HUMAN and not label.skipped
    }


def binary(answer: str | None) -> bool | None:
    """Whether an answer is a pass; `None` for what is neither pass nor fail."""
    return {PASS: True, FAIL: False}.get(answer or "")


def truths(answers: Mapping[str, Mapping[str, str]]) -> dict[str, bool]:
    """Item to whether people pass it, where most of them agree on pass or fail."""
    known = {item: binary(majority(given.values())) for item, given in answers.items()}
    return {item: truth for item, truth in known.items() if truth is not None}
