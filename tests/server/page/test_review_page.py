"""The review queue in the page: blind, safe against what was said, one post for each label."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from roadworthy.app.reviewing.items import item_name
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.label import trial_item
from roadworthy.records.reading import Grade, TrialReading
from roadworthy.records.trial_result import TrialResult
from roadworthy.testing import MemoryStore, a_case, a_run, a_trial

HOSTILE = (
    "<script>alert(1)</script>\"><img src=x onerror=alert(1)>'--></textarea></title><!--"
    "\x1b[2J\u202egnp.exe{{ 7 * 7 }}</li></ol>"
)
SECRETS = (
    "v9-hush",
    "run-hush",
    "grader_hush",
    "why_hush",
    "case-hush",
    "bob",
    "hushed-model",
    "FAILED",
    "disagreement",
)


def reading(*, passed: bool, name: str = "grader_hush") -> TrialReading:
    grade = Grade(passed=passed, score=float(passed), why="why_hush", details={"m": "hushed-model"})
    return TrialReading(grader=name, version=1, reading=grade, instrument="hushed-model")


def a_stored_run(
    store: MemoryStore, *, trials: int = 3, output: str = "It is on its way.", call: str = "look"
) -> list[str]:
    """A run whose trials failed; names of its items."""
    spec = GraderSpec(grader="rubric", options={"rubric": "correctness"})
    case = a_case("case-hush", graders=[spec])
    run = a_run("run-hush", cases=[case], repeats=trials, version="v9-hush")
    store.runs.create(run)
    for repeat in range(trials):
        trial = a_trial(
            [(call, {"id": repeat}, output)],
            output=output,
            case=case.id,
            run=run.id,
            repeat=repeat,
        )
        trace = trial.trace
        assert trace is not None
        trace = replace(trace, version="v9-hush", name="run-hush", source="hushed-model")
        trial = replace(trial, trace=trace, case_digest=case.digest)
        store.runs.append([TrialResult(trial=trial, readings=(reading(passed=False),))])
    return [item_name(trial_item(run.id, case.id, n), "correctness") for n in range(trials)]


def shown_item(page: Any) -> str:
    name: str = page.inputs().get("item", "")
    return name


def test_without_a_name_the_page_asks_who_is_labelling(browser: Any, store: MemoryStore) -> None:
    a_stored_run(store)

    page = browser.get("/review")

    assert "Who is labelling?" in page.text
    assert "It is on its way" not in page.text


def test_an_empty_store_says_what_to_type(browser: Any) -> None:
    page = browser.get("/review?annotator=ann")

    assert "Nothing to label" in page.text
    assert "roadworthy eval run" in page.text


def test_an_item_shows_what_happened_and_nothing_of_how_it_was_judged(
    browser: Any, store: MemoryStore
) -> None:
    names = a_stored_run(store)
    page = browser.get("/review?annotator=bob")
    browser.post(
        "/review/labels", page.inputs() | {"item": names[0], "value": "fail", "note": "no_hush"}
    )

    page = browser.get("/review?annotator=ann")

    assert shown_item(page) in names
    assert "What is the state of my order?" in page.text
    assert "look" in page.text
    assert "It is on its way." in page.text
    assert "right in every detail" in page.text
    for secret in (*SECRETS, "no_hush"):
        assert secret not in page.html, secret
    assert not any(link.startswith(("/traces/", "/runs/")) for link in page.links())


def test_the_api_is_as_blind_as_the_page(browser: Any, store: MemoryStore) -> None:
    names = a_stored_run(store)
    page = browser.get("/review?annotator=bob")
    browser.post("/review/labels", page.inputs() | {"item": names[0], "value": "fail"})

    answer = browser.get("/api/review/next?annotator=ann")

    told = json.loads(answer.html)
    assert told["item"]["item"] in names
    assert told["progress"] == {"labelled": 0, "skipped": 0, "left": 3}
    for secret in SECRETS:
        assert secret not in answer.html, secret


def test_a_label_is_stored_and_the_next_item_is_another(browser: Any, store: MemoryStore) -> None:
    a_stored_run(store)
    first = browser.get("/review?annotator=ann")

    second = browser.post("/review/labels", first.inputs() | {"value": "fail", "note": "wrong"})

    (label,) = store.labels.list()
    assert (label.value, label.note, label.annotator) == ("fail", "wrong", "ann")
    assert label.domain == "suite"
    assert label.trace_id is not None
    assert shown_item(second) not in ("", shown_item(first))
    assert "1 labelled, 0 skipped, 2 to go" in second.text


def test_sending_a_form_twice_stores_one_label(browser: Any, store: MemoryStore) -> None:
    a_stored_run(store)
    form = browser.get("/review?annotator=ann").inputs() | {"value": "pass"}

    for _ in range(2):
        browser.post("/review/labels", form)

    assert len(store.labels.list()) == 1


def test_undo_shows_the_last_item_again_and_the_new_answer_counts(
    browser: Any, store: MemoryStore
) -> None:
    a_stored_run(store)
    first = browser.get("/review?annotator=ann")
    second = browser.post("/review/labels", first.inputs() | {"value": "pass"})
    undo = next(link for link in second.links() if "item=" in link)

    again = browser.get(undo)
    assert shown_item(again) == shown_item(first)
    assert "You said pass" in again.text
    done = browser.post("/review/labels", again.inputs() | {"value": "fail"})

    assert [label.value for label in store.labels.list()] == ["pass", "fail"]
    assert "1 labelled, 0 skipped, 2 to go" in done.text


def test_a_skipped_item_does_not_come_back(browser: Any, store: MemoryStore) -> None:
    names = a_stored_run(store)
    seen = []
    page = browser.get("/review?annotator=ann")
    while name := shown_item(page):
        seen.append(name)
        page = browser.post("/review/labels", page.inputs() | {"value": "skip"})

    assert sorted(seen) == sorted(names)
    assert "All done" in page.text
    assert all(label.skipped and label.value == "" for label in store.labels.list())


def test_without_a_form_token_nothing_is_stored(browser: Any, store: MemoryStore) -> None:
    names = a_stored_run(store)

    page = browser.post("/review/labels", {"item": names[0], "value": "pass", "annotator": "ann"})

    assert page.status == 403
    assert not store.labels.list()


@pytest.mark.parametrize(
    "change", [{"item": "correctness-0123456789abcdef"}, {"item": "../../x"}, {"value": "maybe"}]
)
def test_what_is_no_label_is_refused(
    browser: Any, store: MemoryStore, change: dict[str, str]
) -> None:
    a_stored_run(store)
    form = browser.get("/review?annotator=ann").inputs() | {"value": "pass"} | change

    page = browser.post("/review/labels", form)

    assert page.status in (400, 404)
    assert not store.labels.list()


def test_what_was_said_is_never_markup_or_script(browser: Any, store: MemoryStore) -> None:
    a_stored_run(store, output=HOSTILE, call=HOSTILE)

    for path in ("/review?annotator=ann", "/review?annotator=%3Cscript%3E&run=%22%3E%3Cimg%3E"):
        page = browser.get(path)
        for tag, attributes in page.elements:
            assert tag not in ("style", "iframe", "img"), path
            assert not any(name.startswith("on") or name == "style" for name in attributes)
            if tag == "script":
                assert (attributes.get("src") or "").startswith("/static/")
        assert "\x1b" not in page.html
        assert "\u202e" not in page.html


def test_a_text_of_a_megabyte_does_not_make_a_page_of_megabytes(
    browser: Any, store: MemoryStore
) -> None:
    a_stored_run(store, output="<b>&" * 250_000, trials=1)

    page = browser.get("/review?annotator=ann")

    assert page.status == 200
    assert len(page.html) < 1_000_000


def test_agreement_stands_on_a_page_of_its_own(browser: Any, store: MemoryStore) -> None:
    names = a_stored_run(store)
    for annotator in ("ann", "bob"):
        form = browser.get(f"/review?annotator={annotator}").inputs()
        for name in names:
            browser.post("/review/labels", form | {"item": name, "value": "pass"})

    text = browser.get("/review/agreement").text

    assert "ann, bob" in text
    assert "both raters gave one category throughout" in text
    assert "Krippendorff's alpha unmeasured" in text


def test_home_says_that_a_judge_lacks_labels(browser: Any, store: MemoryStore) -> None:
    a_stored_run(store)

    page = browser.get("/")

    assert "correctness: 0 of the 30 labels drawn at random that its judge needs" in page.text
    assert "/review?suite=suite" in page.links()
    assert "Who is labelling?" in browser.get("/review?suite=suite").text
