"""`roadworthy review`: blind items, labels, agreement, labels from files, as scripts see them."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest

from roadworthy.app.app import App
from roadworthy.app.reviewing.items import item_name
from roadworthy.records.label import trial_item

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Roadworthy

ATTACK = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\b\u202egnp[red][/] :smile:"
AGENT = f"""
from roadworthy import tool

@tool
def look(text):
    return {ATTACK!r}

def answer(message):
    look(message)
    return "Sent. " + {ATTACK!r}
"""
CASE = {
    "kind": "regression",
    "input": "Where is it?",
    "expect": {"output": [{"contains": "never"}]},
}
SUITE = 'repeats: 3\ngraders: [{exact: "never"}]\n'


@pytest.fixture
def ran(roadworthy: Roadworthy, tmp_path: Path) -> Roadworthy:
    """A project whose agent ran three times, and failed, as version `v9-hush`."""
    folder = tmp_path / "evals" / "main"
    (folder / "cases").mkdir(parents=True)
    (folder / "suite.yaml").write_text(SUITE, encoding="utf-8")
    (folder / "cases" / "parcel-hush.yaml").write_text(json.dumps(CASE), encoding="utf-8")
    (tmp_path / "agent.py").write_text(AGENT, encoding="utf-8")
    target = '[targets.agent]\npython = "agent:answer"\nversion = "v9-hush"\n'
    (tmp_path / "roadworthy.toml").write_text(target, encoding="utf-8")
    assert roadworthy("eval", "run", "--name", "run-hush").code == 1
    return roadworthy


def next_name(roadworthy: Roadworthy, annotator: str = "ann") -> str:
    item = roadworthy("review", "next", "--as", annotator, "--json").data["item"]
    name: str = item["item"]
    return name


def test_an_item_tells_nothing_of_how_it_was_judged(ran: Roadworthy) -> None:
    first = next_name(ran, "bob")
    ran("review", "label", first, "fail", "--as", "bob", "--note", "note-hush")

    for words in ((), ("--json",)):
        done = ran("review", "next", "--as", "ann", *words)

        assert done.code == 0
        assert "Where is it?" in done.out
        assert "Sent." in done.out
        assert "right in every detail" in done.out
        for secret in ("hush", "contains", "never", "bob", "fail:", "FAIL", "audit", "stratum"):
            assert secret not in done.out, secret
            assert secret not in done.err, secret


def test_labelling_everything_empties_the_queue(ran: Roadworthy) -> None:
    for answer in ("pass", "fail", "skip"):
        assert ran("review", "label", next_name(ran), answer, "--as", "ann").code == 0

    done = ran("review", "next", "--as", "ann")

    assert done.code == 0
    assert done.out == ""
    assert "2 labelled, 1 skipped, 0 to go" in done.err


def test_saying_it_twice_is_said_to_be_the_same(ran: Roadworthy) -> None:
    name = next_name(ran)

    first, again = (
        ran("review", "label", name, "pass", "--as", "ann", "--json").data for _ in range(2)
    )

    assert first["is_new"] is True
    assert again == first | {"is_new": False}


def test_who_is_labelling_comes_from_the_flag_then_the_environment_then_the_file(
    ran: Roadworthy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "ROADWORTHY_REVIEW__ANNOTATOR" in ran("review", "next").err
    settings = tmp_path / "roadworthy.toml"
    text = settings.read_text(encoding="utf-8") + '\n[review]\nannotator = "file"\n'
    settings.write_text(text, encoding="utf-8")

    names = [ran("review", "next", "--json").data["annotator"]]
    monkeypatch.setenv("ROADWORTHY_REVIEW__ANNOTATOR", "environment")
    names.append(ran("review", "next", "--json").data["annotator"])
    names.append(ran("review", "next", "--json", "--as", "flag").data["annotator"])

    assert names == ["file", "environment", "flag"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("next", "--as", "ann", "--question", "corectness"), "did you mean 'correctness'?"),
        (("next", "--as", "ann", "--suite", "mian"), "did you mean 'main'?"),
        (("next", "--as", "ann", "--run", "run-hus"), "no run and no baseline"),
        (("next", "--as", ""), "it is empty"),
        (("next", "--as", ATTACK), "printable characters"),
        (("label", "correctness-0123456789abcdef", "pass", "--as", "ann"), "no item called"),
        (("label", ATTACK, "pass", "--as", "ann"), "no item called"),
        (("label", "x", "maybe", "--as", "ann"), "'maybe' is not one of"),
        (("next", "--as", "ann", "--loop", "--json"), "needs a terminal"),
    ],
)
def test_a_mistake_is_told_with_the_next_step(
    ran: Roadworthy, words: tuple[str, ...], said: str
) -> None:
    done = ran("review", *words)

    assert done.code == 2
    assert said in done.err
    assert "\x1b" not in done.err


def test_the_loop_takes_one_key_for_each_label(
    ran: Roadworthy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    keys = iter("xpnfq")
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(click, "getchar", lambda: next(keys))
    monkeypatch.setattr(click, "prompt", lambda *_, **__: "too short")

    done = ran("review", "next", "--as", "ann", "--loop")

    with App(tmp_path) as app:
        said = [(label.value, label.note) for label in app.store.labels.list()]
    assert done.code == 0
    assert said == [("pass", ""), ("fail", "too short")]
    assert done.out.count("item correctness-") == 3


def test_what_agents_said_reaches_the_terminal_as_text(ran: Roadworthy) -> None:
    done = ran("review", "next", "--as", "ann")

    assert "\\x1b[2J" in done.out
    for sign in "\x1b\x07\x9b\r\b\u202e":
        assert sign not in done.out + done.err


def test_labels_come_in_from_a_file_and_agree(ran: Roadworthy, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"run": "run-hush", "case": "parcel-hush", "repeat": n, "annotator": who, "value": value}
        for who, values in (("ann", ["pass", "fail"]), ("bob", ["pass", "pass"]))
        for n, value in enumerate(values)
    ]
    file = tmp_path / "labels.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    done = ran("review", "import", file, "--question", "correctness", "--json").data
    shown = ran("review", "agreement")

    assert (done["new"], done["annotators"]) == (4, ["ann", "bob"])
    assert "correctness on main  2 items, 0 of them drawn at random" in shown.out
    assert "only 2 items in common" in shown.out
    assert item_name(trial_item("run-hush", "parcel-hush", 2), "correctness") == next_name(ran)


def test_a_broken_file_names_every_line_and_stores_nothing(ran: Roadworthy, tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(f'{{"item": "{"x" * 9}"}}\n{{\n', encoding="utf-8")

    done = ran("review", "import", file)

    assert done.code == 2
    assert "line 1: question: is missing" in done.err
    assert "line 2: is not valid JSON" in done.err
    assert ran("review", "agreement", "--json").data == []
