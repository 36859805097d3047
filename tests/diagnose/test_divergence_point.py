"""Two paths side by side: what is lined up, and where they part."""

from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.codec import Json
from roadworthy.diagnose.argument_changes import argument_changes
from roadworthy.diagnose.divergence_point import Parting, SideBySide, lay_side_by_side
from roadworthy.records.trajectory import Trajectory
from roadworthy.testing.builders import Call, a_call, a_trace

TOOLS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2)), max_size=12)


def call(tool: str, result: Json = None, **arguments: Json) -> Call:
    return tool, arguments, result


def path(*calls: Call, answer: str = "done") -> Trajectory:
    return a_trace(calls, answer=answer).trajectory


def parting(paths: SideBySide) -> Parting | None:
    return None if paths.point is None else paths.rows[paths.point].parting


def test_equal_paths_do_not_part() -> None:
    one = path(call("find", "found", id=1))

    assert lay_side_by_side(one, one).point is None


def test_a_call_that_one_side_alone_makes_parts_them() -> None:
    longer = path(call("find", id=1), call("pay", sum=2))

    paths = lay_side_by_side(path(call("find", id=1)), longer)

    assert parting(paths) is Parting.ONLY_CANDIDATE


def test_the_same_tool_with_other_arguments_stands_in_one_row() -> None:
    paths = lay_side_by_side(path(call("pay", sum=1)), path(call("pay", sum=2)))

    assert parting(paths) is Parting.ARGUMENTS


def test_another_reply_to_the_same_call_parts_them_before_what_follows_from_it() -> None:
    before = path(call("find", "found", id=1), call("pay", sum=1))
    after = path(a_call("find", {"id": 1}, error="not there", step=1))

    paths = lay_side_by_side(before, after)

    assert parting(paths) is Parting.REPLY


def test_other_words_part_only_paths_with_equal_calls() -> None:
    before, after = path(call("find"), answer="yes"), path(call("find"), answer="no")

    paths = lay_side_by_side(before, after)

    assert parting(paths) is Parting.WORDS
    assert paths.point == len(paths.rows) - 1  # calls that no message mentions come before it


def test_a_call_of_the_users_own_does_not_part_the_agents_paths() -> None:
    users = path(a_call("pay", {}, requestor="user"))

    paths = lay_side_by_side(path(), users)

    assert paths.point is None


def test_what_is_too_long_to_line_up_is_shown_one_side_after_the_other() -> None:
    many = path(*[call("a", n=n) for n in range(600)])
    others = path(*[call("b", n=n) for n in range(600)])

    paths = lay_side_by_side(many, others)

    assert len(paths.rows) == 1202
    assert parting(paths) is Parting.ONLY_BASE


@given(TOOLS, TOOLS)
def test_every_step_of_both_sides_stands_in_one_row_in_its_order(
    left: list[tuple[str, int]], right: list[tuple[str, int]]
) -> None:
    base = path(*[call(tool, n=n) for tool, n in left])
    candidate = path(*[call(tool, n=n) for tool, n in right])

    paths = lay_side_by_side(base, candidate)

    calls = [row.base for row in paths.rows if row.base in base.calls]
    others = [row.candidate for row in paths.rows if row.candidate in candidate.calls]
    assert calls == list(base.calls)
    assert others == list(candidate.calls)
    assert all(row.base is not None or row.candidate is not None for row in paths.rows)


@given(TOOLS)
def test_a_path_beside_itself_is_the_same_all_along(steps: list[tuple[str, int]]) -> None:
    one = path(*[call(tool, n=n) for tool, n in steps])

    paths = lay_side_by_side(one, one)

    assert {row.parting for row in paths.rows} <= {Parting.SAME}
    assert paths.point is None


def test_arguments_are_compared_name_by_name() -> None:
    base: Json = {"same": 1, "other": [1], "gone": 2}
    candidate: Json = {"same": 1.0, "other": [2], "new": 3}

    changes = {one.name: one.change for one in argument_changes(base, candidate)}

    assert changes == {"same": "same", "other": "changed", "gone": "removed", "new": "added"}


def test_arguments_that_are_no_mapping_are_compared_as_a_whole() -> None:
    (whole,) = argument_changes("a", {"b": 1})

    assert (whole.name, whole.change) == ("", "changed")
