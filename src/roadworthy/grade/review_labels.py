"""Labels as they count: of several by one annotator on one item and question, the newest. Pure."""

from collections.abc import Iterable, Sequence

from roadworthy.records.label import Label


def current_labels(labels: Iterable[Label]) -> Sequence[Label]:
    """The label that counts of each question, domain, item and annotator, in the order given.

    Args:
        labels: in the order in which they were stored, superseded ones too.
    """
    newest: dict[tuple[str, str, str, str], Label] = {}
    for label in labels:
        key = (label.question, label.domain, label.item, label.annotator)
        newest.pop(key, None)
        newest[key] = label
    return tuple(newest.values())


def answers(labels: Iterable[Label]) -> Sequence[Label]:
    """`current_labels` without the items that were skipped."""
    return [label for label in current_labels(labels) if not label.skipped]
