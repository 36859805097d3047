"""A package that offers graders, found as installed packages are: by its metadata on the path."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from roadworthy.grade import Grade, registry
from roadworthy.grade.grade_trial import grade_trial
from roadworthy.grade.registry import build, check_grader, grader_names
from roadworthy.records.grader_spec import BadOptions, GraderSpec
from roadworthy.testing import a_trial

CODE = '''
from __future__ import annotations

from typing import TYPE_CHECKING

from roadworthy.grade import as_grader

if TYPE_CHECKING:
    from roadworthy.grade import Trial


@as_grader(version=4, shorthand="words")
def brief_in_this_test(trial: Trial, *, words: int = 50) -> bool:
    """The output has at most `words` words."""
    return len(str(trial.output).split()) <= words
'''
ENTRIES = """[roadworthy.graders]
brief_in_this_test = graders_of_this_test:brief_in_this_test
broken_in_this_test = graders_of_this_test:nothing
"""


@pytest.fixture
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What `pip install` leaves of a package: a module, and a folder of metadata."""
    (tmp_path / "graders_of_this_test.py").write_text(CODE, encoding="utf-8")
    metadata = tmp_path / "our_graders-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: our-graders\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(str(tmp_path))
    registry._offered.cache_clear()
    yield
    registry._offered.cache_clear()
    sys.modules.pop("graders_of_this_test", None)


@pytest.mark.usefixtures("_installed")
async def test_a_function_in_an_installed_package_grades_like_one_that_ships() -> None:
    options = check_grader("not", {"brief_in_this_test": 2})
    spec = GraderSpec(grader="not", options=options)

    (entry,) = await grade_trial([(spec, build(spec))], a_trial(output="three whole words"))

    assert options == {"grader": {"brief_in_this_test": {"words": 2}}}
    assert isinstance(entry.reading, Grade)
    assert entry.reading.passed
    assert entry.reading.why.endswith("does not hold: The output has at most `words` words")


@pytest.mark.usefixtures("_installed")
def test_its_options_are_checked_by_types_that_python_has_not_looked_at_yet() -> None:
    with pytest.raises(BadOptions) as caught:
        check_grader("brief_in_this_test", "many")

    assert [(one.place, one.message) for one in caught.value.problems] == [
        ("words", "expected a whole number, got text")
    ]


@pytest.mark.usefixtures("_installed")
def test_what_a_package_offers_is_listed_and_what_is_broken_is_named() -> None:
    assert {"brief_in_this_test", "broken_in_this_test"} <= set(grader_names())
    with pytest.raises(BadOptions, match=r"'broken_in_this_test' .* cannot be loaded"):
        check_grader("broken_in_this_test", None)
