"""The rules against 76 reactions of two real agents, read and judged by a person.

The person who judged also wrote the rules. The errors of the first agent were used to write them.
Those of the second had not been looked at: the rules then agreed on 16 of its 23. They were mended
where they were wrong in a way that any agent would meet, so that its figures, too, are no longer
those of an unseen agent. What the rules still get wrong is named here, and stays so until they
get better.
"""

from collections import Counter
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import pytest

from roadworthy.grade.failure_handling.grader import After, FailureHandling
from roadworthy.ingest.importer import Imported
from roadworthy.ingest.tau2_bench import Tau2Bench
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.testing import a_trial

DATA = Path(__file__).parents[3] / "shared/data/tau-trajectories/tau2-bench"
WRITTEN_BY, UNSEEN = "qwen2.5-7b_airline", "ft-gpt-4.1_retail"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"the recorded runs are not at {DATA}")

ASKED, LOOPED, IGNORED = "asked", "looped", "ignored_error"
RETRIED, PAST = "retried_within_limit", "retried_past_limit"
EXPLAINED, STOPPED = "explained_uncertainty", "stopped_safely"

# Task → what a person says of its tool errors, by their number.
Judged: TypeAlias = dict[str, dict[int, str | None]]

JUDGED: Judged = {
    "4": {0: ASKED},
    "5": {0: ASKED},
    "6": {0: ASKED},
    "8": {0: ASKED, 1: RETRIED},
    "10": {0: ASKED, 1: "guessed", 2: ASKED, 3: ASKED},
    "11": {0: ASKED},
    "12": {0: ASKED, 1: ASKED},
    "15": {1: ASKED, 3: LOOPED, 4: ASKED},
    "16": {0: IGNORED, 1: ASKED, 3: ASKED},
    "17": {0: ASKED, 1: ASKED, 2: ASKED},
    "20": {0: ASKED, 1: LOOPED},
    "24": {0: IGNORED, 1: ASKED, 2: RETRIED, 3: RETRIED},
    "25": {0: ASKED, 1: RETRIED},
    "27": {0: ASKED, 2: LOOPED, 3: PAST, 5: ASKED},
    "29": {0: ASKED},
    "30": {0: ASKED},
    "34": {0: ASKED, 3: IGNORED, 4: IGNORED},
    "35": {0: ASKED, 2: ASKED},
    "37": {0: ASKED, 2: LOOPED, 4: EXPLAINED, 5: EXPLAINED},
    "38": {1: ASKED},
    "40": {0: ASKED, 1: LOOPED, 8: LOOPED, 9: None},
    "42": {0: ASKED},
    "44": {0: ASKED},
    "49": {0: ASKED, 4: IGNORED},
}
WRONG = {
    ("10", 1): ASKED,  # asks for 822 dollars where the tool had said 1332
    ("16", 0): ASKED,  # goes on with another search, and asks for something else
}
JUDGED_UNSEEN: Judged = {
    "12": {0: ASKED},
    "27": {0: ASKED},
    "33": {0: ASKED},
    "36": {0: RETRIED, 1: ASKED},
    "38": {0: ASKED},
    "45": {0: ASKED},
    "49": {0: ASKED, 1: ASKED},
    "53": {0: ASKED},
    "55": {0: RETRIED, 1: ASKED, 2: ASKED},
    "64": {0: ASKED},
    "65": {0: STOPPED, 1: STOPPED},
    "68": {0: ASKED},
    "71": {0: EXPLAINED},
    "74": {0: ASKED},
    "79": {0: ASKED, 1: ASKED},
    "86": {0: ASKED},
    "111": {0: EXPLAINED},
}
WRONG_UNSEEN = {
    ("36", 0): ASKED,  # found the user in another way, by other arguments
    ("65", 1): ASKED,  # says no, and asks whether it may help with anything else
    ("71", 0): IGNORED,  # explains in words that no phrase holds
}


async def readings(after: After, name: str = WRITTEN_BY) -> dict[str, Reading]:
    grader = FailureHandling(after=after)
    found = {}
    with (DATA / f"{name}.json").open("rb") as stream:
        for item in Tau2Bench().read(stream):
            assert isinstance(item, Imported)
            assert item.case is not None
            trial = a_trial(None, output=None, case=item.case, stop=item.trace.stop)
            found[item.case] = await grader.grade(msgspec.structs.replace(trial, trace=item.trace))
    return found


def classes(reading: Reading) -> list[str | None]:
    rows: Any = reading.details.get("handled", [])
    return [row["class"] for row in rows]


@pytest.mark.parametrize(
    ("name", "judged", "wrong", "count"),
    [(WRITTEN_BY, JUDGED, WRONG, 53), (UNSEEN, JUDGED_UNSEEN, WRONG_UNSEEN, 23)],
)
async def test_the_rules_agree_with_a_person_but_where_it_is_said(
    name: str, judged: Judged, wrong: dict[tuple[str, int], str], count: int
) -> None:
    found = await readings("tool_error", name)
    said = {task: classes(reading) for task, reading in found.items()}

    disagreements = {
        (task, number): said[task][number]
        for task, numbers in judged.items()
        for number, human in numbers.items()
        if said[task][number] != human
    }
    assert sum(len(numbers) for numbers in judged.values()) == count
    assert disagreements == wrong


async def test_every_tool_error_has_a_class_or_is_known_to_have_none() -> None:
    found = await readings("tool_error")

    assert Counter(one for reading in found.values() for one in classes(reading)) == {
        "asked": 51,
        "looped": 13,
        "ignored_error": 5,
        "retried_within_limit": 4,
        "explained_uncertainty": 3,
        "retried_past_limit": 2,
        None: 1,
    }


async def test_all_five_tasks_that_loop_fail_for_it() -> None:
    found = await readings("tool_error")

    looping = {task for task, reading in found.items() if "looped" in classes(reading)}
    failed = {task for task, one in found.items() if isinstance(one, Grade) and not one.passed}
    assert looping == {"15", "20", "27", "37", "40"}
    assert failed == looping | {"24", "34", "49"}


async def test_a_failure_points_at_the_trigger_and_at_what_followed() -> None:
    reading = (await readings("tool_error"))["20"]

    assert isinstance(reading, Grade)
    assert reading.why == (
        "book_reservation failed: looped: "
        "it made the same call 3 times in a row, with the same reply"
    )
    rows: Any = reading.details["handled"]
    assert reading.evidence[0] == rows[1]["span"]


async def test_a_trial_cut_off_at_its_limit_shows_no_reaction_to_it() -> None:
    found = await readings("limit")

    unmeasured = {task: one.cause for task, one in found.items() if isinstance(one, Unmeasured)}
    assert unmeasured == {"40": Cause.INCOMPLETE_TRACE}


async def test_orders_and_bookings_that_differ_are_no_contradiction() -> None:
    found = await readings("conflicting_retrieval")

    assert [task for task, one in found.items() if classes(one)] == []
