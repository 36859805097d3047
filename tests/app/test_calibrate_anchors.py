"""A frozen set of items shows whether a judge has changed."""

from pathlib import Path
from random import Random

import pytest

from roadworthy.app.calibration.anchors import AnchorCheck, AnchorState, compared
from roadworthy.app.calibration.anchors_file import (
    Anchor,
    AnchorHead,
    AnchorSet,
    anchor_sets,
    read_anchors,
    write_anchors,
)
from roadworthy.base.errors import BadFile
from roadworthy.grade.judge.material import Material

HEAD = AnchorHead(instrument="tone@1/openai:m", domain="refunds", rubric="tone", frozen_at=1.0)


def frozen(*pairs: tuple[bool | None, bool | None]) -> AnchorSet:
    anchors = tuple(
        Anchor(item=str(n), material=Material(output=f"answer {n}"), passed=first, again=second)
        for n, (first, second) in enumerate(pairs)
    )
    return AnchorSet(path=Path("tone.jsonl"), head=HEAD, anchors=anchors)


def steady(count: int = 50) -> AnchorSet:
    return frozen(*[(n % 2 == 0, n % 2 == 0) for n in range(count)])


def again(known: AnchorSet, *, to_pass: int = 0, to_fail: int = 0) -> AnchorCheck:
    """The same verdicts, but for so many that turned."""
    said = [one.passed for one in known.anchors]
    for old, turned in ((False, to_pass), (True, to_fail)):
        for place in [n for n, one in enumerate(known.anchors) if one.passed is old][:turned]:
            said[place] = not old
    return compared(known, said)


def test_a_judge_that_says_the_same_is_steady() -> None:
    found = again(steady())

    assert found.state is AnchorState.STEADY
    assert (found.read, found.to_pass, found.to_fail) == (50, 0, 0)


def test_a_judge_that_became_lenient_has_drifted() -> None:
    found = again(steady(), to_pass=10)

    assert found.state is AnchorState.DRIFTED
    assert "10 turned to a pass" in found.said
    assert found.p_shift is not None
    assert found.p_shift < 0.01


def test_a_judge_that_became_erratic_has_drifted_though_it_leans_nowhere() -> None:
    found = again(steady(), to_pass=6, to_fail=6)

    assert found.state is AnchorState.DRIFTED
    assert found.p_shift == 1.0


def test_a_judge_that_was_as_erratic_when_it_was_frozen_has_not() -> None:
    noisy = frozen(*[(n % 2 == 0, (n % 2 == 0) != (n % 4 < 1)) for n in range(50)])

    assert again(noisy, to_pass=6, to_fail=6).state is AnchorState.STEADY


def test_anchors_without_a_verdict_now_say_nothing() -> None:
    known = steady()

    found = compared(known, [None] * 20 + [one.passed for one in known.anchors[20:]])

    assert found.state is AnchorState.UNMEASURED
    assert found.p_shift is None


def test_a_judge_with_the_same_noise_is_seldom_called_drifted() -> None:
    """Two tests at 1 % each."""
    rng = Random(3)
    false_alarms = 0
    for _ in range(500):
        truth = [rng.random() < 0.5 for _ in range(60)]
        asked = [[one != (rng.random() < 0.1) for one in truth] for _ in range(3)]
        known = frozen(*zip(asked[0], asked[1], strict=True))
        false_alarms += compared(known, asked[2]).state is AnchorState.DRIFTED

    assert false_alarms / 500 <= 0.02


def test_a_set_is_read_back_as_it_was_written_and_a_new_one_takes_its_place(
    tmp_path: Path,
) -> None:
    first = write_anchors(tmp_path, HEAD, steady(20).anchors)
    second = write_anchors(tmp_path, HEAD, steady(30).anchors)

    assert first == second
    assert first.parent == tmp_path / "evals" / "anchors"
    (known,) = anchor_sets(tmp_path)
    assert known.head == HEAD
    assert known.anchors == steady(30).anchors


@pytest.mark.parametrize("text", ["", "{}", '{"instrument": 3}\n{"item": "x"}\n', "[]"])
def test_a_spoiled_file_is_refused_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "spoiled.jsonl"
    path.write_text(text)

    with pytest.raises(BadFile):
        read_anchors(path)
