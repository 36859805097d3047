"""What scripts rely on: the documented JSON of import, show, compare and finding list.

The expected numbers are published, or were counted in the published files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from roadworthy.scaffold import data_files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.cli.conftest import Done, Published, Roadworthy

    Import = Callable[[str], Any]

GPT_4O = "tau-bench/gpt-4o-airline.json"
QWEN = "tau2-bench/qwen2.5-7b_airline.json"
RETAIL = ("tau2-bench/gpt-4.1_retail.json", "tau2-bench/ft-gpt-4.1_retail.json")
AIRLINE = ("tau2-bench/gpt-4.1_airline.json", "tau2-bench/ft-gpt-4.1_airline.json")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One project for the whole module; each file is imported when it is first asked for."""
    return tmp_path_factory.mktemp("history")


@pytest.fixture
def typed(history: Path, roadworthy: Roadworthy) -> Callable[..., Done]:
    """A command in the shared project, with `--json`."""
    return lambda *words: roadworthy(*words, "--project", history, "--json")


@pytest.fixture
def imported(typed: Callable[..., Done], published: Published) -> Import:
    """Import a published file as a run of its own name; returns what the import said."""

    def load(name: str) -> Any:
        done = typed("trace", "import", published(name), "--as-run", name)
        assert done.code == 0, done.err
        return done.data

    return load


def test_an_import_counts_traces_trials_messages_and_calls(imported: Import) -> None:
    said = imported(GPT_4O)

    assert (said["traces"], said["trials"], said["errors"]) == (200, 200, [])
    assert (said["messages"], said["tool_calls"]) == (5308, 1164)


def test_importing_again_changes_nothing(imported: Import, typed: Callable[..., Done]) -> None:
    imported(GPT_4O)
    before = [typed("db", "stats").data["rows"], typed("eval", "show", GPT_4O).data]

    again = imported(GPT_4O)

    assert (again["traces"], again["new_traces"], again["new_trials"]) == (200, 0, 0)
    assert [typed("db", "stats").data["rows"], typed("eval", "show", GPT_4O).data] == before


def test_the_published_pass_hat_k_of_gpt_4o_comes_out(
    imported: Import, typed: Callable[..., Done]
) -> None:
    imported(GPT_4O)

    shown = typed("eval", "show", GPT_4O).data

    assert (shown["run"], shown["cases"], shown["trials"]) == (GPT_4O, 50, 200)
    hats = {k: round(value, 3) for k, value in shown["pass_hat_k"].items()}
    assert hats == {"1": 0.420, "2": 0.273, "3": 0.220, "4": 0.200}
    assert shown["pass_at_k"]["4"] == pytest.approx(0.72)
    rate = shown["pass_rate"]
    assert rate["value"] == pytest.approx(0.42)
    assert rate["measured"] == 200
    assert rate["low"] < 0.42 < rate["high"]
    assert shown["unmeasured"] == 0


def test_stops_and_tool_errors_of_qwen_are_counted(
    imported: Import, typed: Callable[..., Done]
) -> None:
    imported(QWEN)

    shown = typed("eval", "show", QWEN).data

    assert sum(case["passed"] for case in shown["case_results"]) == 9
    assert shown["pass_rate"]["value"] == pytest.approx(9 / 50)
    assert shown["stops"] == {"user_stop": 40, "agent_error": 9, "too_many_errors": 1}
    assert (shown["tool_errors"], shown["tool_calls"]) == (79, 344)


def test_loops_are_found_in_exactly_the_tasks_that_loop(
    imported: Import, typed: Callable[..., Done]
) -> None:
    imported(QWEN)

    found = typed("finding", "list", "--run", QWEN).data

    assert all(
        {"case", "trial", "kind", "severity", "spans", "why"} <= row.keys() and row["spans"]
        for row in found
        if row["kind"] != "abnormal_stop"
    )
    loops = {row["case"]: row for row in found if row["kind"] == "loop"}
    assert sorted(loops, key=int) == ["15", "20", "27", "37", "40"]
    assert "10" in loops["40"]["why"]


@pytest.mark.parametrize(
    ("pair", "wanted", "p_value"),
    [
        (RETAIL, {"fixed": "36 55 62 79 86 101", "broken": "18 27 33 64 71 111"}, 1.0),
        (AIRLINE, {"broken": "18 29 45"}, 0.508),
    ],
    ids=["retail", "airline"],
)
def test_what_fine_tuning_fixed_and_broke_is_named(
    pair: Sequence[str],
    wanted: dict[str, str],
    p_value: float,
    imported: Import,
    typed: Callable[..., Done],
) -> None:
    for name in pair:
        imported(name)

    done = typed("eval", "compare", *pair)

    said = done.data
    assert (done.code, said["verdict"], said["exit_code"]) == (1, "FAIL", 1)
    assert {change: " ".join(said[change]) for change in wanted} == wanted
    assert len(said["fixed"]) == 6
    assert said["undecided"] == []
    assert said["unchanged"] == len(said["cases"]) - len(said["fixed"]) - len(said["broken"])
    assert said["p_value"] == pytest.approx(p_value, abs=0.0005)
    assert said["reasons"]


def test_a_comparison_begins_with_what_is_compared(
    imported: Import, history: Path, roadworthy: Roadworthy
) -> None:
    imported(RETAIL[0])

    done = roadworthy("eval", "compare", RETAIL[0], RETAIL[0], "--project", history)

    assert done.out.startswith(f"{RETAIL[0]} ")


def test_a_run_against_itself_passes_with_nothing_changed(
    imported: Import, typed: Callable[..., Done]
) -> None:
    imported(RETAIL[0])

    done = typed("eval", "compare", RETAIL[0], RETAIL[0])

    assert (done.code, done.data["verdict"]) == (0, "PASS")
    assert (done.data["fixed"], done.data["broken"], done.data["unchanged"]) == ([], [], 40)


def test_a_strict_import_of_a_bad_file_leaves_the_store_as_it_was(
    roadworthy: Roadworthy, tmp_path: Path
) -> None:
    mixed = tmp_path / "mixed.jsonl"
    mixed.write_text('{"messages": [{"role": "user", "content": "hi"}]}\n{"messages": 7}\n')
    before = roadworthy("db", "stats", "--json").data["rows"]

    strict = roadworthy("trace", "import", mixed, "--strict", "--as-run", "r", "--json")
    lenient = roadworthy("trace", "import", mixed, "--json")

    assert (strict.code, strict.out) == (2, "")
    assert f"{mixed}" in strict.err
    assert "line 2" in strict.err
    assert before["traces"] == 0
    assert (lenient.code, lenient.data["traces"], len(lenient.data["errors"])) == (1, 1, 1)
    assert roadworthy("eval", "list", "--json").data == []


def test_the_shipped_traces_are_the_ones_the_demo_promises() -> None:
    names = (
        data_files.TAU_BENCH_AIRLINE,
        data_files.TAU2_AIRLINE,
        data_files.TAU2_RETAIL,
        data_files.TAU2_RETAIL_FINE_TUNED,
    )

    assert all(data_files.data_path(name).is_file() for name in names)
