"""A model may paraphrase, and is held to the facts of what it was given."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from roadworthy.app.messy import MessyReport, MessyRequest, make_variants
from roadworthy.app.suites import load
from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.suite.yaml_file import read_yaml
from roadworthy.testing.judge_server import JudgeReply, JudgeRequest, JudgeServer, fails, says

if TYPE_CHECKING:
    from tests.app.conftest import Project

ASKED = "I want my money back for order 1003, please."
GOOD = "Please refund what I paid for order 1003."
LOSES = "Please refund what I paid."
Ask = Callable[..., MessyReport]


def paraphrased(text: str) -> JudgeReply:
    return says(f"Here it is: {json.dumps({'paraphrase': text})}")


def ask(
    project: "Project", *replies: JudgeReply, ops: str = "paraphrase", **options: Any
) -> tuple[MessyReport, list[JudgeRequest]]:
    """Ask for a paraphrase of a model that replies in turn, the last reply for good."""
    project.case("refund", ASKED)
    with JudgeServer(lambda sent: replies[min(sent.number, len(replies) - 1)]) as server:
        project.write(
            "roadworthy.toml",
            f'[judges.main]\nmodel = "m"\nmax_tries = 1\nbase_url = "{server.url}"\n',
        )
        request = MessyRequest(case="refund", ops=ops.split(","), paraphrase_with="main", **options)
        report = asyncio.run(make_variants(project.app(), request))
        return report, list(server.requests)


def test_the_models_words_become_the_input_and_its_name_stands_in_the_file(
    project: "Project",
) -> None:
    report, sent = ask(project, paraphrased(GOOD))

    assert report.variants[0].state == "written"
    child = next(case for case in load(project.app(), "main").cases if case.parent)
    assert child.input == GOOD
    written = read_yaml(Path(report.variants[0].path)).value
    assert isinstance(written, dict)
    assert isinstance(written["variant"], dict)
    assert written["variant"]["model"] == "openai:m"
    assert sent[0].material["message"] == ASKED
    assert sent[0].material["keep"] == ["1003"]


def test_an_answer_that_loses_a_fact_is_asked_for_again(project: "Project") -> None:
    report, sent = ask(project, paraphrased(LOSES), says("no JSON"), paraphrased(GOOD))

    assert report.variants[0].state == "written"
    assert len(sent) == 3


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (paraphrased(LOSES), "its words leave out facts (1 in the last try)"),
        (paraphrased(ASKED), "it repeats the message"),
        (says('{"paraphrase": 3}'), "its answers could not be read"),
        (says("[" * 100_000), "its answers could not be read"),
        (fails(401), "the key was refused"),
    ],
    ids=["loses", "repeats", "number", "brackets", "401"],
)
def test_a_model_that_does_not_help_makes_no_variant(
    project: "Project", reply: JudgeReply, why: str
) -> None:
    report, sent = ask(project, reply)

    (line,) = report.variants
    assert line.state == "refused"
    assert line.why is not None
    assert why in line.why
    assert len(sent) <= 3
    assert [case for case in load(project.app(), "main").cases if case.parent] == []


def test_a_paraphrase_that_is_there_is_not_asked_for_again(project: "Project") -> None:
    ask(project, paraphrased(GOOD))
    report, sent = ask(project, paraphrased("Something else about 1003."))

    assert report.variants[0].state == "unchanged"
    assert sent == []


def test_other_operators_come_after_the_models_words(project: "Project") -> None:
    report, _ = ask(project, paraphrased(GOOD), ops="paraphrase,anger")

    assert "order 1003" in str(report.variants[0].text).lower()
    assert "!!" in str(report.variants[0].text)


def test_a_model_cannot_paraphrase_what_was_made_messier_before(project: "Project") -> None:
    with pytest.raises(BadRequest, match="`paraphrase` must come first"):
        ask(project, paraphrased(GOOD), ops="anger,paraphrase")


def test_a_judge_that_there_is_not_is_an_error(project: "Project") -> None:
    project.case("refund", ASKED)
    request = MessyRequest(case="refund", ops=["paraphrase"], paraphrase_with="nobody")

    with pytest.raises(UnknownName, match="no judge called 'nobody'"):
        asyncio.run(make_variants(project.app(), request))
