"""Anchors are judged again when their hour has come; a judge that drifted needs a person."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roadworthy.app.app import App
from roadworthy.app.calibration.anchor_schedule import check_due, is_due
from roadworthy.app.calibration.anchors import AnchorState
from roadworthy.app.calibration.anchors_file import Anchor, AnchorHead, write_anchors
from roadworthy.app.overview import overview
from roadworthy.grade.judge.material import Material
from roadworthy.records.calibration import Calibration, Standing

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HEAD = AnchorHead(
    instrument="tone@1/openai:gone", domain="refunds", rubric="tone", frozen_at=1.0, judges=("j",)
)
Opened = Callable[..., App]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A project with anchors that asks for a check every day, at some hours past noon."""
    anchors = [
        Anchor(item=str(n), material=Material(output=f"{n}"), passed=True, again=True)
        for n in range(20)
    ]
    write_anchors(tmp_path, HEAD, anchors)
    settings = tmp_path / "roadworthy.toml"
    settings.write_text("[judging]\ncheck_every_h = 24\n", encoding="utf-8")

    def at(hours: float) -> App:
        return App(tmp_path, clock=lambda: NOON + timedelta(hours=hours))

    return at


async def test_a_check_is_due_at_first_and_then_every_so_many_hours(opened: Opened) -> None:
    with opened(0) as first:
        assert is_due(first)
        await check_due(first)
        assert not is_due(first)
    with opened(23.9) as later:
        assert not is_due(later)
    with opened(24) as due:
        assert is_due(due)


async def test_a_set_that_cannot_be_checked_says_why_and_is_unmeasured(opened: Opened) -> None:
    with opened(0) as app:
        (found,) = await check_due(app)

    assert found.state is AnchorState.UNMEASURED
    assert "j" in found.said
    assert found.p_shift is None


def test_nothing_is_due_where_nobody_asks_for_checks(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "roadworthy.toml").write_text("", encoding="utf-8")

    with opened(0) as app:
        assert not is_due(app)


def test_home_names_a_judge_that_has_drifted_until_it_is_calibrated_again(opened: Opened) -> None:
    with opened(0) as app:
        app.store.calibrations.add(a_calibration(Standing.DRIFTED, at=1.0))
        drifted = [need for need in overview(app).needs if need.sort == "drifted"]
        app.store.calibrations.add(a_calibration(Standing.CALIBRATED, at=2.0))
        after = [need for need in overview(app).needs if need.sort == "drifted"]

    assert [(need.suite, need.why) for need in drifted] == [("refunds", "9 of 50 turned")]
    assert not after


def a_calibration(standing: Standing, *, at: float) -> Calibration:
    return Calibration(
        id=f"{at}",
        instrument=HEAD.instrument,
        rubric="tone",
        rubric_digest="1",
        models=("openai:gone",),
        domain="refunds",
        standing=standing,
        reasons=("9 of 50 turned",),
        at=at,
    )
