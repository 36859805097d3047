"""A human judgement of one thing that an agent did, with where it came from."""

from enum import StrEnum

from roadworthy.base.codec import canonical
from roadworthy.base.ids import hex_digest
from roadworthy.records.record import RootRecord
from roadworthy.records.span import TraceId


class Labeller(StrEnum):
    """Who judged. Only what a person said calibrates a judge."""

    HUMAN = "human"
    MODEL = "model"


class Label(RootRecord, frozen=True, kw_only=True):
    """One annotator's answer to one question about one item.

    Labels are only ever added: of several by one annotator on one item and question, the newest
    counts. A `skipped` item was shown and not answered; its `value` is empty.
    """

    id: str  # made from everything that tells two labels apart: importing again adds nothing
    item: str  # what was judged: `trial_item(…)`, or the item's id in the file it came from
    question: str  # the rubric's name, e.g. "correctness"
    annotator: str
    value: str = ""  # "pass", "fail", or a category of the question's own
    made_by: Labeller = Labeller.HUMAN
    rubric: str = ""  # digest of the rubric that the annotator saw; empty: not known
    domain: str = ""  # the suite, or the name of the data set
    note: str = ""
    skipped: bool = False
    drawn: str = ""  # why the queue showed it: "disagreement", "uncertainty", "stratum", "audit"
    source: str = "queue"  # the queue, or the file it was imported from
    slices: dict[str, str] = {}  # e.g. {"difficulty": "hard"}
    trace_id: TraceId | None = None  # keeps the trace from being pruned
    at: float | None = None  # seconds since 1970, UTC; None: its source does not say


def trial_item(run: str, case: str, repeat: int) -> str:
    """The item that stands for a trial; case ids may hold any character but control characters."""
    return f"{run}/{case}/{repeat}"


def label_id(
    *, item: str, question: str, annotator: str, value: str, at: float | None, domain: str = ""
) -> str:
    """32 hex digits that the same judgement, made at the same moment, always gives."""
    return hex_digest(canonical([domain, item, question, annotator, value, at]))
