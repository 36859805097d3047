"""What every store promises of labels, calibrations and what judges said before."""

import msgspec
import pytest

from roadworthy.base.errors import InvalidRecord, StoreError
from roadworthy.records.calibration import Calibration, Confusion, Slice, Standing
from roadworthy.records.decision import Rate
from roadworthy.records.judgement import CriterionScore, Judgement, Unread
from roadworthy.records.label import Label, Labeller, label_id, trial_item
from roadworthy.records.usage import Usage
from roadworthy.store.ports import PruneRule, Store
from roadworthy.testing import a_call, a_trace

RATE = Rate(value=0.61, low=0.55, high=0.67, measured=250)


def a_label(
    item: str = "run/case/0",
    value: str = "pass",
    *,
    question: str = "correctness",
    annotator: str = "ann",
    domain: str = "refunds",
    at: float | None = 1.0,
    trace_id: str | None = None,
) -> Label:
    return Label(
        id=label_id(item=item, question=question, annotator=annotator, value=value, at=at),
        item=item,
        question=question,
        annotator=annotator,
        value=value,
        domain=domain,
        trace_id=trace_id,
        at=at,
    )


def a_calibration(
    name: str = "c1", *, instrument: str = "tone@1 m:x", domain: str = "refunds", at: float = 1.0
) -> Calibration:
    return Calibration(
        id=name,
        instrument=instrument,
        rubric="tone",
        rubric_digest="ab" * 16,
        models=("m:x",),
        domain=domain,
        standing=Standing.NOT_CALIBRATED,
        reasons=("it agrees with people on 61 of 100 items",),
        at=at,
        labelled=999,
        held_out=250,
        confusion=Confusion(true_pass=100, false_pass=90, true_fail=50, false_fail=10),
        agreement=RATE,
        slices=(Slice(name="difficulty=hard", confusion=Confusion(), agreement=RATE),),
        probes={"length": "failed: longer answers score 0.2 more"},
    )


def a_judgement(raw: str = "fine", *, unread: Unread | None = None) -> Judgement:
    score = CriterionScore(criterion="polite", score=0.5, reason="so", quotes=("Hi!",))
    return Judgement(
        model="m:x",
        rubric="ab" * 16,
        number=0,
        scores=(score,) if unread is None else (),
        unread=unread,
        raw=raw,
        usage=Usage(input_tokens=700, output_tokens=80, cost_usd=0.01),
        asked_at=1.0,
    )


# -- labels --------------------------------------------------------------------------------


def test_labels_come_back_as_they_were_in_the_order_in_which_they_were_stored(
    any_store: Store,
) -> None:
    full = msgspec.structs.replace(
        a_label("é\u202e"),
        made_by=Labeller.MODEL,
        note="\x1b[31m<b>",
        skipped=True,
        drawn="audit",
        source="labels.csv",
        slices={"difficulty": "hard"},
        trace_id="ab" * 16,
        at=None,
    )
    written = [a_label("z"), full, a_label("a")]

    assert any_store.labels.add(written[:2]) == 2
    assert any_store.labels.add(written[2:]) == 1

    assert list(any_store.labels.list()) == written


def test_labels_are_added_once_and_superseded_ones_stay(any_store: Store) -> None:
    """Importing the same file again adds nothing; changing one's mind adds a label."""
    first, second = a_label(value="pass", at=1.0), a_label(value="fail", at=2.0)

    assert any_store.labels.add([first, first]) == 1
    assert any_store.labels.add([msgspec.structs.replace(first, note="changed"), second]) == 1
    assert any_store.labels.add([]) == 0

    assert list(any_store.labels.list()) == [first, second]


def test_labels_are_found_by_everything_that_is_asked_together(any_store: Store) -> None:
    written = [
        a_label("one"),
        a_label("one", annotator="bo"),
        a_label("one", question="tone"),
        a_label("one", domain="flights", at=2.0),
        a_label("two"),
    ]
    any_store.labels.add(written)
    find = any_store.labels.list

    assert list(find(question="tone")) == [written[2]]
    assert list(find(domain="flights")) == [written[3]]
    assert list(find(annotator="bo")) == [written[1]]
    assert list(find(items=["two", "none"])) == [written[4]]
    assert list(find(question="correctness", domain="refunds", items={"one"})) == written[:2]
    assert list(find(items=())) == []
    assert list(find(domain="")) == []


def test_labels_of_many_items_come_in_the_order_of_storing_each_once(any_store: Store) -> None:
    written = [a_label(trial_item("run", f"case {n % 40}", n)) for n in range(1_200)]
    any_store.labels.add(written)
    items = [label.item for label in reversed(written)] + [written[0].item]

    assert list(any_store.labels.list(items=items)) == written


def test_an_item_with_a_nul_is_told_from_its_beginning(any_store: Store) -> None:
    whole, beginning = a_label("a\0b"), a_label("a")
    any_store.labels.add([whole, beginning])

    assert list(any_store.labels.list(items=["a\0b"])) == [whole]
    assert list(any_store.labels.list(items=["a"])) == [beginning]


def test_a_label_that_cannot_be_kept_is_refused_with_its_batch(any_store: Store) -> None:
    broken = msgspec.structs.replace(a_label("b"), note="\ud800")
    mistyped = msgspec.structs.replace(a_label("c"), value=True)

    for bad, why in ((broken, "surrogate"), (mistyped, "could not be read back")):
        with pytest.raises(InvalidRecord, match=f"label '{bad.id}' cannot be stored: .*{why}"):
            any_store.labels.add([a_label("a"), bad])

    assert list(any_store.labels.list()) == []


def test_a_trace_that_a_label_refers_to_is_not_pruned(any_store: Store) -> None:
    labelled, gone = (
        msgspec.structs.replace(a_trace(seed=name), spans=(a_call("look", step=100),))
        for name in ("labelled", "gone")
    )
    any_store.traces.append([labelled, gone])
    any_store.labels.add([a_label(trace_id=labelled.id)])

    assert any_store.prune(PruneRule(before=1e12), dry_run=True) == 1
    assert any_store.prune(PruneRule(before=1e12)) == 1

    assert list(any_store.traces.ids()) == [labelled.id]


# -- calibrations --------------------------------------------------------------------------


def test_the_newest_calibration_of_a_judge_in_a_domain_counts(any_store: Store) -> None:
    new, old = a_calibration("new", at=5.0), a_calibration("old", at=1.0)
    elsewhere = a_calibration("elsewhere", domain="flights", at=9.0)
    other = a_calibration("other", instrument="tone@2 m:x", at=8.0)
    for calibration in (new, old, elsewhere, other):
        any_store.calibrations.add(calibration)

    assert any_store.calibrations.newest("tone@1 m:x", "refunds") == new
    assert any_store.calibrations.newest("tone@2 m:x", "refunds") == other
    assert any_store.calibrations.newest("tone@1 m:x", "hotels") is None
    assert list(any_store.calibrations.list()) == [elsewhere, other, new, old]


def test_of_two_calibrations_made_at_once_the_one_stored_last_counts(any_store: Store) -> None:
    for name in ("first", "second"):
        any_store.calibrations.add(a_calibration(name))

    found = any_store.calibrations.newest("tone@1 m:x", "refunds")

    assert found is not None
    assert found.id == "second"
    assert [one.id for one in any_store.calibrations.list()] == ["second", "first"]


def test_a_known_calibration_is_left_as_it_is(any_store: Store) -> None:
    any_store.calibrations.add(a_calibration())
    any_store.calibrations.add(
        msgspec.structs.replace(a_calibration(), standing=Standing.CALIBRATED)
    )

    assert list(any_store.calibrations.list()) == [a_calibration()]


@pytest.mark.parametrize(
    "change",
    [{"at": float("nan")}, {"agreement": msgspec.structs.replace(RATE, level=float("inf"))}],
)
def test_a_calibration_that_could_not_be_read_back_is_refused(
    any_store: Store, change: dict[str, object]
) -> None:
    any_store.calibrations.add(a_calibration("good"))

    with pytest.raises(InvalidRecord, match="calibration 'c1' cannot be stored"):
        any_store.calibrations.add(msgspec.structs.replace(a_calibration(), **change))

    assert [one.id for one in any_store.calibrations.list()] == ["good"]


# -- judgements ----------------------------------------------------------------------------


def test_judgements_are_found_by_what_was_asked(any_store: Store) -> None:
    for key in ("k1", "k2", "k1\0"):
        any_store.judgements.put(key, a_judgement(f"said of {key} " * 50))

    found = any_store.judgements.of(["k1", "k1", "none", "k1\0"])

    assert found == {key: a_judgement(f"said of {key} " * 50) for key in ("k1", "k1\0")}
    assert any_store.judgements.of([]) == {}


def test_a_known_judgement_is_left_as_it_is(any_store: Store) -> None:
    any_store.judgements.put("k", a_judgement("first"))
    any_store.judgements.put("k", a_judgement("second"))

    assert any_store.judgements.of(["k"])["k"].raw == "first"


@pytest.mark.parametrize("unread", Unread)
def test_of_judgements_without_a_verdict_only_the_unreadable_is_kept(
    any_store: Store, unread: Unread
) -> None:
    any_store.judgements.put("k", a_judgement("Sure!", unread=unread))

    kept = {"k": a_judgement("Sure!", unread=unread)} if unread is Unread.UNREADABLE else {}
    assert any_store.judgements.of(["k"]) == kept


def test_many_judgements_are_asked_for_at_once(any_store: Store) -> None:
    for n in range(5):
        any_store.judgements.put(f"k{n}", a_judgement(str(n)))

    found = any_store.judgements.of([f"k{n}" for n in range(2_000)])

    assert {key: one.raw for key, one in found.items()} == {f"k{n}": str(n) for n in range(5)}


def test_a_judgement_with_half_a_surrogate_pair_is_refused(any_store: Store) -> None:
    with pytest.raises(InvalidRecord, match="a judgement of 'm:x' cannot be stored"):
        any_store.judgements.put("k", a_judgement("\ud800"))


# -- the whole -----------------------------------------------------------------------------


def test_stats_count_labels_calibrations_and_judgements(any_store: Store) -> None:
    any_store.labels.add([a_label("a"), a_label("b")])
    any_store.calibrations.add(a_calibration())
    any_store.judgements.put("k", a_judgement())

    rows = any_store.stats().rows

    assert (rows["labels"], rows["calibrations"], rows["judgements"]) == (2, 1, 1)


def test_a_closed_store_says_so_of_every_part_of_judging(any_store: Store) -> None:
    any_store.close()

    for ask in (
        lambda: any_store.labels.list(items=["a"]),
        lambda: any_store.calibrations.newest("tone", "refunds"),
        lambda: any_store.judgements.of(["k"]),
    ):
        with pytest.raises(StoreError, match="is closed"):
            ask()
