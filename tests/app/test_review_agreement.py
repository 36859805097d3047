"""How far annotators agree: people only, the newest label only, and thin numbers called thin."""

import pytest

from roadworthy.app.app import App
from roadworthy.app.reviewing.agreement import QuestionAgreement, agreement
from roadworthy.records.label import Label, Labeller, label_id


def say(
    app: App,
    annotator: str,
    values: str,
    *,
    question: str = "tone",
    domain: str = "main",
    drawn: str = "",
    made_by: Labeller = Labeller.HUMAN,
    at: float = 1.0,
) -> None:
    """Labels of items 0, 1, 2 …: p passes, f fails, s skips, a dash says nothing."""
    names = {"p": "pass", "f": "fail", "s": ""}
    app.store.labels.add(
        [
            Label(
                id=label_id(
                    item=f"{domain}/case/{n}",
                    question=question,
                    annotator=annotator,
                    value=names[sign],
                    at=at,
                ),
                item=f"{domain}/case/{n}",
                question=question,
                annotator=annotator,
                value=names[sign],
                skipped=sign == "s",
                domain=domain,
                drawn=drawn,
                made_by=made_by,
                at=at,
            )
            for n, sign in enumerate(values)
            if sign != "-"
        ]
    )


def only(app: App) -> QuestionAgreement:
    (found,) = agreement(app)
    return found


def test_two_annotators_are_compared_on_what_both_answered(app: App) -> None:
    say(app, "ann", "ppppffff--")
    say(app, "bob", "pppfffffsp")

    (pair,) = only(app).pairs

    assert (pair.first, pair.second, pair.items) == ("ann", "bob", 8)
    assert pair.agreement is not None
    assert pair.agreement.value == 7 / 8
    assert pair.kappa is not None
    assert pair.kappa.value == pytest.approx(0.75)
    assert pair.kappa.low is not None
    assert pair.kappa.low < 0.75
    assert pair.note == "only 8 items in common; 30 say more"


def test_what_is_enough_is_not_called_thin(app: App) -> None:
    say(app, "ann", "pf" * 20)
    say(app, "bob", "pf" * 19 + "pp")

    found = only(app)

    assert [pair.note for pair in found.pairs] == [""]
    assert found.note == ""
    assert found.alpha is not None
    assert found.alpha.measured == 40


def test_one_annotator_alone_agrees_with_nobody(app: App) -> None:
    say(app, "ann", "pppf")

    found = only(app)

    assert found.pairs == ()
    assert found.alpha is None
    assert found.note == "no item has ratings of two raters"


def test_annotators_without_an_item_in_common_are_unmeasured(app: App) -> None:
    say(app, "ann", "pp--")
    say(app, "bob", "--pf")

    (pair,) = only(app).pairs

    assert (pair.items, pair.agreement, pair.kappa) == (0, None, None)
    assert pair.note


def test_one_answer_throughout_proves_no_agreement(app: App) -> None:
    say(app, "ann", "p" * 40)
    say(app, "bob", "p" * 40)

    found = only(app)

    assert found.pairs[0].kappa is None
    assert "one category throughout" in found.pairs[0].note
    assert found.alpha is None


def test_labels_of_a_model_are_counted_apart_and_agree_with_nobody(app: App) -> None:
    say(app, "ann", "ppff")
    say(app, "gpt", "ppff", made_by=Labeller.MODEL)

    found = only(app)

    assert found.made_by_model == 4
    assert [one.annotator for one in found.annotators] == ["ann"]
    assert found.pairs == ()


def test_a_second_thought_takes_the_place_of_the_first(app: App) -> None:
    say(app, "ann", "pf")
    say(app, "bob", "fp")
    say(app, "bob", "pf", at=2.0)

    found = only(app)

    assert found.pairs[0].agreement is not None
    assert found.pairs[0].agreement.value == 1.0
    assert [one.labelled for one in found.annotators] == [2, 2]


def test_items_drawn_at_random_are_counted_once(app: App) -> None:
    say(app, "ann", "ppf", drawn="audit")
    say(app, "bob", "ppfs", drawn="audit")
    say(app, "bob", "----p", drawn="disagreement")

    found = only(app)

    assert (found.items, found.drawn_at_random) == (4, 3)
    assert [one.skipped for one in found.annotators] == [0, 1]


def test_questions_and_suites_stand_apart_and_can_be_chosen(app: App) -> None:
    for question, domain in (("tone", "main"), ("tone", "other"), ("relevance", "main")):
        say(app, "ann", "pf", question=question, domain=domain)

    def names(**chosen: str) -> list[tuple[str, str]]:
        return [(one.question, one.domain) for one in agreement(app, **chosen)]

    assert names() == [("relevance", "main"), ("tone", "main"), ("tone", "other")]
    assert names(question="tone", suite="other") == [("tone", "other")]
    assert names(question="nothing") == []


def test_the_same_labels_give_the_same_interval(app: App) -> None:
    say(app, "ann", "ppffpf" * 6)
    say(app, "bob", "ppfffp" * 6)

    assert only(app) == only(app)
