"""Evalsets of another tool become candidate cases that load, lint and can be imported again."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from roadworthy.app.app import App
from roadworthy.app.import_cases import CaseImportReport, import_cases
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest
from roadworthy.cli.main import cli
from roadworthy.suite.yaml_file import read_yaml

Import = Callable[..., CaseImportReport]

_DATA = Path(__file__).parents[3] / "shared" / "data" / "trace-formats"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def an_evalset(folder: Path, turns: Json, name: str = "greeting.test.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(turns))
    return path


def a_turn(said: str = "hi", **fields: Json) -> Json:
    return {"query": said, "expected_tool_use": [], "reference": "hello", **fields}


def written(app: App, name: str) -> tuple[dict[str, Json], str]:
    """A case of the suite ``adk`` as values and as text."""
    path = app.project / "evals" / "adk" / "cases" / f"{name}.yaml"
    value = read_yaml(path).value
    assert isinstance(value, dict)
    return value, path.read_text()


def test_what_a_call_names_as_secret_is_hidden_where_it_is_said_before(app: App) -> None:
    call: Json = {"tool_name": "log_in", "tool_input": {"password": "correct-horse-battery"}}
    said = "my word is correct-horse-battery, log me in"
    path = an_evalset(app.project, [a_turn(said, expected_tool_use=[call])])

    report = import_cases(app, path, suite="adk")
    _, text = written(app, "greeting")

    assert "correct-horse-battery" not in text
    assert sum(report.redacted.values()) == 1


def test_a_conversation_becomes_a_candidate_with_the_expected_calls(app: App) -> None:
    call: Json = {"tool_name": "look_up", "tool_input": {"id": 7, "how": {"$any": True}}}
    calls: list[Json] = [call]
    turns: list[Json] = [a_turn("hi"), a_turn("order 7?", expected_tool_use=calls)]
    path = an_evalset(app.project, turns)

    report = import_cases(app, path, suite="adk")
    case, text = written(app, "greeting")

    assert report.written == ("greeting",)
    assert case == {
        "title": "hi",
        "kind": "candidate",
        "input": [{"role": "user", "content": "hi"}, {"role": "user", "content": "order 7?"}],
        "expect": {
            "trajectory": {
                "mode": "strict",
                "calls": [
                    {
                        "tool": "look_up",
                        "arguments": {"id": 7, "how": {"$one_of": [{"$any": True}]}},
                    }
                ],
            }
        },
        "tags": ["adk-evalset"],
    }
    assert '#   - similarity: {text: "hello", at_least: 0.8}' in text
    assert "Expected answers to 1 earlier turn are left out" in text


def test_turns_that_do_not_say_their_calls_leave_room_for_others(app: App) -> None:
    calls: list[Json] = [{"tool_name": "look_up", "tool_input": {}}]
    silent: list[Json] = [{"query": "hi"}]
    half: list[Json] = [*silent, {"query": "and?", "expected_tool_use": calls}]
    import_cases(app, an_evalset(app.project, silent, "silent.json"), suite="adk")
    import_cases(app, an_evalset(app.project, half, "half.json"), suite="adk")

    assert "expect" not in written(app, "silent")[0]
    assert written(app, "half")[0]["expect"] == {
        "trajectory": {"mode": "subsequence", "calls": [{"tool": "look_up"}]}
    }


def test_importing_again_changes_nothing_and_an_edited_case_is_left_alone(app: App) -> None:
    turns: list[Json] = [a_turn()]
    path = an_evalset(app.project, turns)
    import_cases(app, path, suite="adk")
    again = import_cases(app, path, suite="adk")
    file = app.project / "evals" / "adk" / "cases" / "greeting.yaml"
    file.write_text(file.read_text() + "tier: critical\n")
    edited = import_cases(app, path, suite="adk")

    assert (again.written, again.unchanged, again.errors) == ((), ("greeting",), ())
    assert edited.written == edited.unchanged == ()
    assert "there is a case called greeting already" in edited.errors[0].why
    assert "tier: critical" in file.read_text()


def test_secrets_do_not_reach_the_files(app: App) -> None:
    turns: list[Json] = [a_turn("I am ada@example.com", reference="Hello ada@example.com")]
    report = import_cases(app, an_evalset(app.project, turns), suite="adk")
    case, text = written(app, "greeting")

    assert report.redacted == {"email": 1}
    assert case["input"] == "I am redacted-1@example.invalid"
    assert "ada@" not in text


def test_names_that_are_paths_stay_inside_the_suite(app: App) -> None:
    said: Json = {"user_content": {"parts": [{"text": "hi"}]}}
    cases: list[Json] = [
        {"eval_id": "../../../../etc/passwd", "conversation": [said]},
        {"eval_id": "..", "conversation": [said]},
    ]
    path = an_evalset(app.project, {"eval_set_id": "s", "eval_cases": cases})

    assert import_cases(app, path, suite="adk").written == ("passwd", "unnamed")
    assert {p.parent.name for p in app.project.rglob("passwd*")} == {"cases"}


def test_what_is_no_evalset_is_refused(app: App) -> None:
    with pytest.raises(BadRequest, match="is no ADK evalset"):
        import_cases(app, an_evalset(app.project, {"messages": []}), suite="adk")
    with pytest.raises(BadRequest, match="cannot name a suite"):
        import_cases(app, an_evalset(app.project, [a_turn()]), suite="../x")
    with pytest.raises(BadRequest, match="no such file"):
        import_cases(app, app.project / "none.json", suite="adk")


def typed(app: App, *words: object) -> Result:
    arguments = [*map(str, words), "--project", str(app.project)]
    return CliRunner().invoke(cli, arguments, standalone_mode=False)


def test_every_published_evalset_is_imported_and_lints_without_an_error(app: App) -> None:
    if not _DATA.exists():
        pytest.skip(f"the published evalsets are not here: {_DATA}")
    files = [*sorted(_DATA.glob("adk-evalsets/*.json")), *sorted(_DATA.glob("*/eval*.json"))]
    for path in files:
        done = typed(app, "case", "import", path, "--suite", "adk")
        assert not done.return_value, done.output

    rows = json.loads(typed(app, "case", "list", "--json").stdout)
    linted = typed(app, "case", "lint")

    assert len(files) == len(rows) == 16
    assert {row["kind"] for row in rows} == {"candidate"}
    assert not linted.return_value, linted.output


def test_the_command_tells_what_was_not_imported(app: App) -> None:
    said: Json = {"user_content": {"parts": [{"text": "hi"}]}}
    cases: list[Json] = [{"eval_id": "a", "conversation": [said]}, {"eval_id": "b"}]
    path = an_evalset(app.project, {"eval_set_id": "s", "eval_cases": cases})
    some = typed(app, "case", "import", path, "--suite", "adk")
    none = typed(
        app, "case", "import", an_evalset(app.project, {"eval_cases": [{}]}), "--suite", "x"
    )

    assert some.return_value == 1
    assert "evals/adk/cases/a.yaml" in some.stdout
    assert "eval_cases[1]: holds nothing that a user says" in " ".join(some.stderr.split())
    assert none.return_value == 2
