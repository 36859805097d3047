"""A suite that asserts on what a real agent leaves in a database and in files."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from textwrap import dedent
from typing import TYPE_CHECKING

from roadworthy.app.app import App

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Roadworthy

DESK = """
    import json, sqlite3, sys
    from pathlib import Path

    task = json.loads(sys.stdin.readline())
    order = task["input"]["order"]
    name = f"{task['case']}-{task['repeat']}"
    database = sqlite3.connect("shop.db")
    with database:
        if order != 13:  # the agent that says so and does not do it
            database.execute("update orders set status = 'cancelled' where id = ?", [order])
        database.execute("insert into done values (?)", [name])
    database.close()
    Path("out").mkdir(exist_ok=True)
    Path(f"out/{name}.json").write_text(json.dumps({"order": order}))
    print("Your order is cancelled.")
"""
CHECKS = """
    from pathlib import Path

    def only_its_own_report(trial):
        name = f"{trial['case']}-{trial['repeat']}.json"
        return Path("out", name).exists() and trial["output"].endswith("cancelled.")
"""
SUITE = """
    target: desk
    repeats: 2
    end_state:
      - name: the agent was here
        sql: select count(*) as times from done where name = :case || '-' || :repeat
        database: shop.db
        expect: [{times: 1}]
      - name: check
        python: checks:only_its_own_report
        timeout_s: 30
        expect: true
"""
CASE = """
    kind: regression
    input: {order: ORDER}
    expect: {output: [{contains: cancelled}]}
    end_state:
      - name: the order
        sql: select status from orders where id = :id
        database: DATABASE
        bind: {id: ORDER}
        expect: [{status: cancelled}]
      - name: report
        file: "out/{case}-{repeat}.json"
        read: json
        expect: {json.order: ORDER}
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")


def a_case(order: int, database: str = "shop.db") -> str:
    return CASE.replace("ORDER", str(order)).replace("DATABASE", database)


def a_shop(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "shop.db")) as database, database:
        database.execute("create table orders (id int, status text)")
        database.execute("create table done (name text)")
        database.executemany("insert into orders values (?, 'open')", [[7], [13]])


def test_words_pass_only_together_with_what_the_agent_really_did(
    roadworthy: Roadworthy, tmp_path: Path
) -> None:
    a_shop(tmp_path)
    command = json.dumps([sys.executable, "desk.py"])
    write(
        tmp_path,
        {
            "roadworthy.toml": f"[targets.desk]\ncommand = {command}\n",
            "desk.py": DESK,
            "checks.py": CHECKS,
            "evals/shop/suite.yaml": SUITE,
            "evals/shop/cases/cancels.yaml": a_case(7),
            "evals/shop/cases/only-says-so.yaml": a_case(13),
            "evals/shop/cases/unseen.yaml": a_case(7, "elsewhere.db"),
        },
    )

    done = roadworthy("eval", "run", "--name", "r1", "--json")

    assert done.data["state"] == "finished"
    with App(tmp_path) as app:
        verdicts = {
            (result.trial.case, result.trial.repeat): result.verdict.value
            for result in app.store.runs.results("r1")
        }
        (kept,) = [
            result.trial.end_state
            for result in app.store.runs.results("r1")
            if (result.trial.case, result.trial.repeat) == ("only-says-so", 1)
        ]
    assert verdicts == {
        ("cancels", 0): "passed",
        ("cancels", 1): "passed",
        ("only-says-so", 0): "failed",
        ("only-says-so", 1): "failed",
        ("unseen", 0): "unmeasured",
        ("unseen", 1): "unmeasured",
    }
    assert {one.name: one.value for one in kept}["the order"] == [{"status": "open"}]
