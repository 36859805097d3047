"""The rules of `refusal` on 102 messages of real agents that a reader labelled one by one.

A message is a refusal when it says that something the user asked for cannot or will not be done:
because it is not allowed, or because the agent is not able to. It is none when the agent found
nothing, has nothing on offer, asks for what it needs, or tells a rule in passing.

70 messages were drawn at random from the 710 that hold a word like *not*, *sorry* or *only*, and
40 from all 2,762; repeated texts count once. The rules were written on 60 others and were not
changed after these labels: the figures are those of unseen messages.
"""

import json
from pathlib import Path

import msgspec
import pytest

from roadworthy.base.codec import Json
from roadworthy.grade.refusal_rules import declining

LABELS = Path(__file__).with_name("refusal_labels.json")
DATA = Path(__file__).parents[3] / "shared/data/tau-trajectories"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"the recorded runs are not at {DATA}")


def labelled() -> list[tuple[str, bool]]:
    """Messages with whether they refuse."""
    labels: dict[str, list[tuple[int, int, bool]]] = json.loads(LABELS.read_text(encoding="utf-8"))
    found = []
    for name, rows in labels.items():
        record = msgspec.json.decode((DATA / name).read_bytes())
        for trial, position, refuses in rows:
            found.append((message(record, trial, position), refuses))
    return found


def message(record: Json, trial: int, position: int) -> str:
    trials = record["simulations"] if isinstance(record, dict) else record
    assert isinstance(trials, list)
    one = trials[trial]
    assert isinstance(one, dict)
    messages = one.get("traj") or one["messages"]
    assert isinstance(messages, list)
    said = messages[position]
    assert isinstance(said, dict)
    return str(said["content"])


def test_on_unseen_messages_one_refusal_in_42_is_none_and_41_of_47_are_found() -> None:
    """Precision 0.976, recall 0.872."""
    told = [(refuses, declining(text) is not None) for text, refuses in labelled()]

    assert len(told) == 102
    assert sum(refuses for refuses, _ in told) == 47
    assert sum(found for _, found in told) == 42
    assert sum(refuses and found for refuses, found in told) == 41


def test_the_one_that_is_none_asks_for_more_to_look_by() -> None:
    wrong = [declining(text) for text, refuses in labelled() if not refuses]

    assert [said for said in wrong if said] == [
        "I'm unable to search for reservations using just a name."
    ]
