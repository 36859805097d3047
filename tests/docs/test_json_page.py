"""The page of JSON shapes names exactly the fields that real commands print."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner

from roadworthy.cli.main import cli
from roadworthy.scaffold.data_files import TAU2_AIRLINE, data_path
from roadworthy.testing.judge_server import (
    JudgeReply,
    JudgeRequest,
    JudgeServer,
    says,
    verdict,
)

Shapes: TypeAlias = dict[str, list[tuple[str, str]]]
"""Anchor of a section to its rows: field and meaning."""

_SECTION = re.compile(r"^##+ (?P<title>.+)\n(?P<text>(?:(?!^##).*\n?)*)", re.MULTILINE)
_ROW = re.compile(r"^\| (?:`(?P<field>[^`]+)`)? ?\| (?P<meaning>.+) \|$", re.MULTILINE)
_SHAPE = re.compile(r"\[[\w ]+\]\(#(?P<anchor>[\w-]+)\)")
POLICY = Path(__file__).parents[1] / "data" / "airline-policy"
_GOOD = '{"messages": [{"role": "user", "content": "I am ada@example.com"}], "case": "a"}'
_BROKEN = f'{_GOOD}\n{{"messages": 3}}\n'
_TWICE = {"input": "Where is my bag? It did not come.", "category": "bags", "kind": "regression"}
_PLAN = {"coverage": {"values": {"category": ["bags", "seats"]}}}
_BAD_CASE = "input: hello\nexpect:\n  outptu:\n    - contains: hello\n"


class Shell:
    """Runs commands in a project and keeps what they printed as JSON."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, *words: str) -> Any:
        """The document that a command prints."""
        project = () if words[0] in {"demo", "init", "version"} else ("--project", self._folder)
        result = CliRunner().invoke(cli, [*words, "--json", *map(str, project)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return json.loads(result.stdout)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Anchor of a section to documents that its command printed."""
    folder = tmp_path_factory.mktemp("json") / "project"
    shell = Shell(folder)
    documents = {"demo": [shell("demo", "--folder", str(folder))]}
    ops = ("--ops", "typos,missing-fields,long-results", "--each")
    documents["case-messy"] = [shell("case", "messy", "bag-allowance", *ops)]
    documents |= _of_runs(shell)
    documents |= _of_traces(shell, folder)
    documents["db-prune"] = [shell("db", "prune", "--older-than", "36500", "--dry-run")]
    documents |= _of_spring_cleaning(shell, folder)
    documents |= _of_judges(shell, folder)
    documents |= _of_cases(shell, folder)
    documents |= _of_reviews(shell, folder)
    documents["db-stats"] = [shell("db", "stats")]
    documents["db-upgrade"] = [shell("db", "upgrade")]
    documents |= _of_keys(shell)
    documents["serve"] = [_of_server(folder)]
    documents["init"] = [shell("init", str(folder / "other"))]
    documents["version"] = [shell("version")]
    documents["--explain-config"] = [shell("eval", "list", "--explain-config")]
    return documents


def _of_keys(shell: Shell) -> dict[str, list[Any]]:
    return {
        "key-create": [shell("key", "create", "agent", "--scope", "ingest,read")],
        "key-list": [shell("key", "list")],
        "key-revoke": [shell("key", "revoke", "agent")],
    }


def _of_server(folder: Path) -> Any:
    """What a server prints when it listens; it is stopped then."""
    words = [sys.executable, "-m", "roadworthy", "serve", "--port", "0", "--json"]
    with subprocess.Popen(
        [*words, "--project", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            return json.loads(server.stdout.readline())
        finally:
            server.terminate()


def _of_runs(shell: Shell) -> dict[str, list[Any]]:
    return {
        "eval-run": [shell("eval", "run", "--target", "v1", "--against", "latest")],
        "eval-show": [
            *(shell("eval", "show", run) for run in ("qwen2.5-7b", "gpt-4o")),
            shell("eval", "show", "latest"),
        ],
        "eval-regrade": [shell("eval", "regrade", "gpt-4o", "--suite", str(POLICY))],
        "eval-compare": [shell("eval", "compare", "gpt-4.1", "gpt-4.1-ft")],
        "eval-list": [shell("eval", "list")],
        "baseline-set": [
            shell("baseline", "set", "main", "gpt-4o"),
            *shell("baseline", "list"),
            *shell("baseline", "show", "main"),
        ],
    }


def _of_traces(shell: Shell, folder: Path) -> dict[str, list[Any]]:
    file = folder / "broken.jsonl"
    file.write_text(_BROKEN, encoding="utf-8")
    imported = [
        shell("trace", "import", str(file), "--as-run", "small"),
        shell("trace", "import", str(data_path(TAU2_AIRLINE))),
    ]
    small = shell("trace", "list", "--run", "small")[0]
    looped = next(row for row in shell("finding", "list") if row["kind"] == "loop")
    return {
        "trace-import": imported,
        "trace-list": [shell("trace", "list", "--run", "qwen2.5-7b"), shell("trace", "list")],
        "trace-show": [shell("trace", "show", looped["trace"])],
        "finding-list": [shell("finding", "list")],
        "case-mint": [
            shell("case", "mint", trace, "--suite", "more", "--id", name)
            for trace, name in ((looped["trace"], "loops"), (small["id"], "small"))
        ],
    }


def _of_reviews(shell: Shell, folder: Path) -> dict[str, list[Any]]:
    """A few items, so that there are calls; and enough labels of two people for an alpha."""
    shown = []
    for _ in range(3):
        shown.append(shell("review", "next", "--as", "ann", "--run", "gpt-4o"))
        item = shown[-1]["item"]["item"]
        labelled = [shell("review", "label", item, "pass", "--as", who) for who in ("ann", "bob")]
    labels = [
        {"item": str(n), "annotator": who, "value": value}
        for who, values in (("ann", "pppppfffff"), ("bob", "ppppffffff"))
        for n, value in enumerate(values)
    ]
    file = folder / "labels.jsonl"
    file.write_text("\n".join(map(json.dumps, labels)), encoding="utf-8")
    return {
        "review-next": shown,
        "review-label": labelled,
        "review-import": [shell("review", "import", str(file), "--question", "tone")],
        "review-agreement": shell("review", "agreement"),
    }


def _of_spring_cleaning(shell: Shell, folder: Path) -> dict[str, list[Any]]:
    """A suite of two cases that ask the same, one of which goes."""
    cases = folder / "evals" / "twice" / "cases"
    cases.mkdir(parents=True)
    (cases.parent / "suite.yaml").write_text(json.dumps(_PLAN), encoding="utf-8")
    for name in ("a", "b"):
        (cases / f"{name}.yaml").write_text(json.dumps(_TWICE), encoding="utf-8")
    file = str(folder / "retire.yaml")
    return {
        "suite-review": [shell("suite", "review", "twice", "--write", file)],
        "suite-review---apply": [shell("suite", "review", "--apply", file, "--yes")],
        "suite-coverage": [shell("suite", "coverage", "twice")],
    }


def _of_judges(shell: Shell, folder: Path) -> dict[str, list[Any]]:
    """A judge that looks at nothing else than what people expected, played by a local server."""
    file = folder / "judged.jsonl"
    rows = [_judged(number) for number in range(60)]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    asked = ("--labels", str(file), "--question", "correctness")
    with JudgeServer(_expects) as server:
        settings = folder / "roadworthy.toml"
        before = settings.read_text(encoding="utf-8")
        mine = f'[judges.main]\nmodel = "m"\nbase_url = "{server.url}"\n'
        settings.write_text(f"{before}\n{mine}", encoding="utf-8")
        documents = {
            "judge-calibrate": [
                shell("judge", "calibrate", *asked, "--run-judge", "--freeze-anchors", "30")
            ],
            "judge-probe": [shell("judge", "probe", *asked)],
            "judge-check": [shell("judge", "check")],
            "judge-show": [shell("judge", "show", "--all")],
        }
        settings.write_text(before, encoding="utf-8")
    return documents


def _judged(number: int) -> dict[str, Any]:
    is_right = number % 2 == 0
    material = {
        "input": f"Where is {number}?",
        "output": f"{number} left." if is_right else "I do not know that.",
        "expected": f"{number} left.",
    }
    said = "pass" if is_right else "fail"
    other = said if number % 9 else "fail"
    return {"item": f"q{number}", "labels": {"ann": said, "bob": other}, "material": material}


def _expects(request: JudgeRequest) -> JudgeReply:
    shown = request.material
    if shown["output"] == "8 left.":
        return says("mumble")
    return verdict(correct="5" if str(shown["expected"]) in str(shown["output"]) else "1")


def _of_cases(shell: Shell, folder: Path) -> dict[str, list[Any]]:
    turns = [{"query": "Hello, I am ada@example.com"}, {"query": "Where is my bag?"}]
    evalset = folder / "greeting.test.json"
    cases = [{"name": "greeting", "data": turns}, {"name": "bad", "data": 3}]
    evalset.write_text(json.dumps(cases), encoding="utf-8")
    documents = {
        "case-import": [shell("case", "import", str(evalset), "--suite", "adk")],
        "case-list": [shell("case", "list")],
        "case-show": [shell("case", "show", "bag-allowance"), shell("case", "show", "loops")],
        "case-verify": [shell("case", "verify", "bag-allowance", "--red", "v1", "--green", "v2")],
        "suite-list": [shell("suite", "list")],
        "suite-graders": [shell("suite", "graders"), shell("suite", "graders", "refusal")],
    }
    documents |= _of_moves(shell)
    (folder / "evals" / "more" / "cases" / "bad.yaml").write_text(_BAD_CASE, encoding="utf-8")
    return documents | {"case-lint": [shell("case", "lint"), shell("suite", "lint")]}


def _of_moves(shell: Shell) -> dict[str, list[Any]]:
    soon = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()  # noqa: TID251 - a day ahead
    case = ("bag-allowance", "--why", "why")
    aside = (*case, "--unproved", "--owner", "ada", "--until", soon)
    return {
        "case-graduate": [shell("case", "graduate", "loops"), shell("case", "graduate", "--auto")],
        "case-quarantine": [shell("case", "quarantine", *aside)],
        "case-release": [shell("case", "release", *case, "--unproved")],
        "case-retire": [shell("case", "retire", *case)],
    }


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    """What the page says."""
    page = Path(__file__).parents[2] / "docs" / "reference" / "json.md"
    return {
        section["title"].replace(" ", "-").lower(): [
            (row["field"] or "", row["meaning"])
            for row in _ROW.finditer(section["text"])
            if row["meaning"] not in {"meaning", "---"}
        ]
        for section in _SECTION.finditer(page.read_text(encoding="utf-8"))
    }


def _documented(shapes: Shapes, anchor: str, prefix: str = "") -> Iterator[tuple[str, bool]]:
    """Every field of a section and whether it may be left out, shapes spelled out."""
    for field, meaning in shapes[anchor]:
        path = f"{prefix}.{field}".strip(".")
        shape = _SHAPE.match(meaning)
        if shape is None:
            yield path, "left out" in meaning
        else:
            yield from _documented(shapes, shape["anchor"], path)


def _paths(value: Any, prefix: str = "") -> Iterator[str]:
    """``a.b[].c`` for every value in a document; `null` and empty ones end where they stand."""
    match value:
        case dict() if value:
            for key, inner in value.items():
                yield from _paths(inner, f"{prefix}.{key}".strip("."))
        case list():
            yield from (path for inner in value for path in _paths(inner, f"{prefix}[]"))
            if not value:
                yield f"{prefix}[]"
        case _:
            yield prefix


def _real(documents: list[Any]) -> set[str]:
    return {path.removeprefix("[].") for document in documents for path in _paths(document)}


def _pattern(field: str) -> re.Pattern[str]:
    text = re.escape(field).replace(r"\.\*\*", r"(\..+)?").replace(r"\.\*", r"\.[^\[]+?")
    return re.compile(text)


def _is_told(path: str, fields: list[str]) -> bool:
    """Whether a path is a field, or an empty one that has documented fields inside."""
    inside = (f"{path}.", f"{path}[]")
    return any(_pattern(field).fullmatch(path) or field.startswith(inside) for field in fields)


def test_the_page_has_a_section_for_every_command(shapes: Shapes) -> None:
    same = {"eval-resume", "baseline-list", "baseline-show", "suite-lint"}
    no_data = {"suite-schema", "trace-export"}
    page = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
    titles = re.findall(r"^## roadworthy (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    commands = {title.replace(" ", "-") for title in titles}

    assert commands - same - no_data <= set(shapes)


def test_every_field_that_a_command_prints_is_on_the_page(
    shapes: Shapes, printed: dict[str, list[Any]]
) -> None:
    untold = {}
    for anchor, documents in printed.items():
        fields = [field for field, _ in _documented(shapes, anchor)]
        rest = sorted(path for path in _real(documents) if not _is_told(path, fields))
        if rest:
            untold[anchor] = rest

    assert not untold


def test_every_field_on_the_page_is_printed_by_its_command(
    shapes: Shapes, printed: dict[str, list[Any]]
) -> None:
    optional = {field for anchor in ("usage", "outcome") for field, _ in shapes[anchor]}
    unseen = {}
    for anchor, documents in printed.items():
        real = _real(documents)
        rest = [
            field
            for field, left_out in _documented(shapes, anchor)
            if not left_out
            and field.rpartition(".")[2] not in optional
            and not any(_pattern(field).fullmatch(path) for path in real)
        ]
        if rest:
            unseen[anchor] = rest

    assert not unseen


def test_no_documented_command_goes_untried(shapes: Shapes, printed: dict[str, list[Any]]) -> None:
    assert set(shapes) - set(printed) == {
        *("rate", "usage", "side", "outcome", "failure"),
        *("calibration", "figures"),
    }
