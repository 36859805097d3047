"""A trace as a waterfall, whatever its spans say of their parents."""

from hypothesis import given
from hypothesis import strategies as st

from roadworthy.records.span import Span
from roadworthy.records.trace import Trace
from roadworthy.server.views.waterfall import LOOP, LOST, draw_waterfall


def a_span(number: int, parent: int | None, *, start: int = 0, end: int = 10) -> Span:
    """A span named by a number."""
    return Span(
        id=f"{number:016x}",
        name=f"span {number}",
        parent_id=None if parent is None else f"{parent:016x}",
        start_ns=start,
        end_ns=end,
    )


def a_tree(*spans: Span, timed: bool = True) -> Trace:
    """A trace of these spans."""
    return Trace(id="a" * 32, spans=spans, source="test", timed=timed)


def test_children_stand_below_their_parents_by_start() -> None:
    trace = a_tree(a_span(1, None), a_span(3, 1, start=5), a_span(2, 1, start=2), a_span(4, 2))

    bars = draw_waterfall(trace).bars

    assert [(bar.name, bar.depth) for bar in bars] == [
        ("span 1", 0),
        ("span 2", 1),
        ("span 4", 2),
        ("span 3", 1),
    ]


def test_a_span_whose_parent_never_came_is_shown_and_said_so() -> None:
    drawn = draw_waterfall(a_tree(a_span(1, None), a_span(2, 99)))

    assert [bar.odd for bar in drawn.bars] == [None, LOST]
    assert drawn.notes == ("1 span without the parent that it names; shown at the top level.",)


def test_parents_in_a_loop_are_shown_once_each() -> None:
    drawn = draw_waterfall(a_tree(a_span(1, 2), a_span(2, 1)))

    assert [bar.odd for bar in drawn.bars] == [LOOP, None]
    assert drawn.notes[0].startswith("No span of this trace is its root")


def test_a_child_that_begins_before_its_parent_tells_of_clocks() -> None:
    drawn = draw_waterfall(a_tree(a_span(1, None, start=5, end=9), a_span(2, 1, start=1)))

    assert drawn.notes == ("1 span begins before its parent: clocks disagree.",)


def test_several_such_children_are_counted_in_the_plural() -> None:
    early = (a_span(2, 1, start=1), a_span(3, 1, start=2))

    drawn = draw_waterfall(a_tree(a_span(1, None, start=5, end=9), *early))

    assert drawn.notes == ("2 spans begin before their parent: clocks disagree.",)


@given(st.integers(0, 99), st.integers(0, 100), st.integers(0, 100))
def test_a_child_that_starts_with_its_parent_starts_at_the_same_place(
    start: int, parents: int, childs: int
) -> None:
    root = a_span(1, None, start=0, end=100)
    parent = a_span(2, 1, start=start, end=min(start + parents, 100))
    child = a_span(3, 2, start=start, end=min(start + childs, 100))

    _, above, below = draw_waterfall(a_tree(root, parent, child)).bars

    assert abs(above.left - below.left) <= 0.5  # the least width that can be seen


def test_without_times_bars_show_the_order() -> None:
    spans = [a_span(n, None, start=n, end=n) for n in range(4)]

    drawn = draw_waterfall(a_tree(*spans, timed=False))

    assert [bar.duration_s for bar in drawn.bars] == [None] * 4
    assert [bar.left for bar in drawn.bars] == sorted(bar.left for bar in drawn.bars)
    assert drawn.notes == ("The source recorded no times: bars show the order of the steps.",)


def test_a_chain_of_ten_thousand_spans_is_no_matter_of_recursion() -> None:
    spans = [a_span(0, None), *(a_span(n, n - 1) for n in range(1, 10_000))]

    drawn = draw_waterfall(a_tree(*spans), most=2000)

    assert (len(drawn.bars), drawn.left_out) == (2000, 8000)


@given(
    st.lists(
        st.tuples(st.none() | st.integers(0, 12), st.integers(0, 50), st.integers(0, 50)),
        max_size=12,
    )
)
def test_every_span_is_shown_once_and_within_the_drawing(
    shape: list[tuple[int | None, int, int]],
) -> None:
    spans = [a_span(n, parent, start=a, end=b) for n, (parent, a, b) in enumerate(shape)]

    bars = draw_waterfall(a_tree(*spans)).bars

    assert sorted(bar.id for bar in bars) == sorted(span.id for span in spans)
    assert all(bar.left >= 0 and bar.left + bar.width <= 100.0001 for bar in bars)
