"""What `judge calibrate` tells: the documented shape of its `--json`."""

import msgspec

from roadworthy.app.calibration.figures import Figures, People
from roadworthy.records.calibration import Calibration
from roadworthy.records.decision import Rate


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What became of every item; all below `unreadable` are left out of all figures."""

    items: int
    labelled: int  # with an answer of most people, and a judge that was asked
    unreadable: dict[str, int]  # verdict, word for word → items; "" where nothing was kept
    left_out: dict[str, int]  # why a labelled trial of the queue calibrates nothing → trials
    same_case: int  # another trial of the same case counts
    without_majority: int  # labelled, and annotators are at odds
    without_human_label: int
    not_judged: int  # labelled, and no verdict is known
    model_labels: int  # labels that a model made; they calibrate nothing


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the part for tuning on which judge and people differ."""

    item: str
    people: str
    judge: str
    slices: dict[str, str]


class Calibrated(msgspec.Struct, frozen=True, kw_only=True):
    """A calibration with all that it was made from."""

    calibration: Calibration
    stored: bool
    question: str
    coverage: Coverage
    people: People
    all_items: Figures
    held_out: Figures
    tuning: Figures
    share: float  # held out
    length_leaning: Rate | None  # -1 to 1; see `stats.judge_bias.leaning`
    disagreements: tuple[Disagreement, ...]  # never of the held-out part
    earlier: int  # calibrations of this judge here before, with other labels or another seed
    notes: tuple[str, ...] = ()
    anchors: str | None = None  # file of the anchors that were frozen
