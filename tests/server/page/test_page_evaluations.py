"""What others judged of a trace, as the page reads it."""

import pytest
from msgspec.structs import replace

from roadworthy.app.ingest_spans import EVALUATION
from roadworthy.base.codec import Json, to_builtins
from roadworthy.records.evaluation import Evaluation
from roadworthy.records.span import SpanEvent
from roadworthy.records.trace import Trace
from roadworthy.server.views.evaluations import read_evaluations
from roadworthy.testing import a_trace


def judged(*given: Evaluation) -> Trace:
    """A trace with these evaluations beside it."""
    said: dict[str, Json] = {
        f"{EVALUATION}.{place}": to_builtins(one) for place, one in enumerate(given)
    }
    return replace(a_trace([("look", {}, "seen")]), attributes={"customer": "7", **said})


def test_evaluations_are_told_by_time_and_leave_the_other_attributes() -> None:
    late, early = (Evaluation(name=name, at_ns=at) for name, at in (("late", 9), ("early", 3)))

    found = read_evaluations(judged(late, early))

    assert [one.name for one in found.shown] == ["early", "late"]
    assert found.rest == {"customer": "7"}


def test_an_evaluation_that_was_recorded_on_a_span_counts_too() -> None:
    trace = a_trace([("look", {}, "seen")])
    event = SpanEvent(
        name="gen_ai.evaluation.result", at_ns=1, attributes={"gen_ai.evaluation.name": "Tone"}
    )
    span = replace(trace.spans[0], events=(event,))

    found = read_evaluations(replace(trace, spans=(span, *trace.spans[1:])))

    assert [(one.name, one.span) for one in found.shown] == [("Tone", span.id)]


@pytest.mark.parametrize("odd", ["text", None, {"score": 1}, {"name": 7}, [{"name": "x"}]])
def test_what_only_looks_like_an_evaluation_stays_an_attribute(odd: Json) -> None:
    name = f"{EVALUATION}.x"
    trace = replace(a_trace(), attributes={name: odd})

    found = read_evaluations(trace)

    assert (found.total, found.rest) == (0, {name: odd})


def test_of_many_evaluations_the_first_are_shown_and_all_are_counted() -> None:
    many = [Evaluation(name="Tone", at_ns=number) for number in range(7)]

    found = read_evaluations(judged(*many), most=3)

    assert ([one.at_ns for one in found.shown], found.total) == ([0, 1, 2], 7)
