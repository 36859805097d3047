"""One labelled item: what people said of it, what a judge said of it, and what it was."""

from collections.abc import Mapping

from msgspec.structs import replace

from roadworthy.app.calibration.truth import majority
from roadworthy.grade.judge.material import Material
from roadworthy.records.record import Record


class LabelledItem(Record, frozen=True, kw_only=True):
    """Answers are in lower case: "pass", "fail", or the categories of the question's own."""

    id: str
    case: str = ""  # what it is a trial of; of several trials of a case one counts
    drawn: str = ""  # why it was labelled: "audit" at random; empty: nobody says
    labels: dict[str, str] = {}  # annotator → answer; people only
    model_labels: int = 0  # labels that a model made, which calibrate nothing
    verdict: str | None = None  # the judge's answer; None: it was not asked, or gave none
    unread: bool = False  # the judge was asked, and what it said cannot be used
    slices: dict[str, str] = {}
    material: Material | None = None

    @property
    def cluster(self) -> tuple[str, str]:
        """Told apart from every other: the case, or the item where it is a trial of none."""
        return ("case", self.case) if self.case else ("item", self.id)

    @property
    def truth(self) -> str | None:
        """What most people say; `None` where no answer has more than half of them."""
        return majority(self.labels.values())


class LabelledItems(Record, frozen=True, kw_only=True):
    """Items with where they came from; ids are unique."""

    items: tuple[LabelledItem, ...]
    source: str  # file or queue
    domain: str  # suite or data set
    question: str
    left_out: dict[str, int] = {}  # why an item with a label calibrates nothing → items
    told: tuple[str, ...] = ()  # what a reader of the figures has to know of the labels

    def with_verdicts(self, verdicts: Mapping[str, str]) -> "LabelledItems":
        """The same items with what a judge said of them elsewhere."""
        items = tuple(replace(one, verdict=verdicts.get(one.id)) for one in self.items)
        return replace(self, items=items)
