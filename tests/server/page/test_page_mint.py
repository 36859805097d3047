"""Making a case from a trace: the preview is what is written."""

from pathlib import Path
from typing import Any

from roadworthy.records.trace import Trace
from roadworthy.testing import MemoryStore, a_trace


def stored(store: MemoryStore, **about: Any) -> Trace:
    """A stored trace with one call."""
    trace = a_trace([("look", {"id": 7}, {"state": "sent"})], answer="Sent.", **about)
    store.traces.append([trace])
    return trace


def test_the_preview_is_exactly_what_is_written(
    browser: Any, store: MemoryStore, project: Path
) -> None:
    trace = stored(store)
    preview = browser.get(f"/traces/{trace.id}/mint?suite=shop&case=late-parcel")
    assert not (project / "evals").exists()

    done = browser.post(f"/traces/{trace.id}/minted", preview.inputs())

    written = (project / "evals/shop/cases/late-parcel.yaml").read_text(encoding="utf-8")
    for line in written.splitlines():
        if "minted_at" not in line:
            assert " ".join(line.split()) in preview.text
    recording = (project / "evals/shop/recordings/late-parcel.jsonl").read_text(encoding="utf-8")
    assert recording.strip() in preview.text
    assert done.status == 200
    assert "late-parcel is in suite shop" in done.text
    assert "roadworthy case verify late-parcel" in done.text


def test_what_is_typed_is_what_is_written_though_no_preview_was_asked_for(
    browser: Any, store: MemoryStore, project: Path
) -> None:
    trace = stored(store)
    shown = browser.get(f"/traces/{trace.id}/mint?suite=shop").inputs()

    typed = shown | {"suite": "other", "case": "typed-id", "title": "Typed title"}
    done = browser.post(f"/traces/{trace.id}/minted", typed)

    assert "typed-id is in suite other" in done.text
    written = (project / "evals/other/cases/typed-id.yaml").read_text(encoding="utf-8")
    assert "title: Typed title" in written
    assert not (project / "evals/shop").exists()


def test_a_form_holds_each_name_once(browser: Any, store: MemoryStore) -> None:
    """Two fields of one name were how what was typed lost against what was shown."""
    page = browser.get(f"/traces/{stored(store).id}/mint")
    names = [at["name"] for tag, at in page.elements if tag == "input"]
    assert sorted(names) == ["_csrf_token", "case", "suite", "title"]


def test_a_new_preview_has_an_address_that_holds_what_was_typed(
    browser: Any, store: MemoryStore
) -> None:
    trace = stored(store)
    form = browser.get(f"/traces/{trace.id}/mint").inputs()

    page = browser.post(f"/traces/{trace.id}/preview", form | {"suite": "shop", "case": "new-id"})

    assert page.address == f"/traces/{trace.id}/mint?suite=shop&case=new-id"
    assert "evals/shop/cases/new-id.yaml" in page.text


def test_a_name_that_cannot_be_written_comes_back_with_what_was_typed(
    browser: Any, store: MemoryStore, project: Path
) -> None:
    trace = stored(store)
    form = browser.get(f"/traces/{trace.id}/mint").inputs()

    page = browser.post(
        f"/traces/{trace.id}/minted", form | {"suite": "../etc", "title": "Kept as typed"}
    )

    assert page.status == 400
    assert "cannot name a suite" in page.text
    assert page.inputs()["title"] == "Kept as typed"
    assert list(project.glob("**/*.yaml")) == []


def test_without_a_form_token_nothing_is_written(
    browser: Any, store: MemoryStore, project: Path
) -> None:
    trace = stored(store)
    page = browser.post(f"/traces/{trace.id}/minted", {"suite": "shop", "case": "x", "title": ""})
    assert page.status == 403
    assert not (project / "evals").exists()


def test_redactions_are_told_before_anything_is_written(browser: Any, store: MemoryStore) -> None:
    trace = stored(store, question="I am ann.miller@example.com, where is my parcel?")

    text = browser.get(f"/traces/{trace.id}/mint").text

    assert "Replaced by stand-ins: 1 email" in text
    assert "ann.miller" not in text.split("Replaced by", 1)[1]


def test_a_taken_name_is_told_and_cannot_be_written(browser: Any, store: MemoryStore) -> None:
    trace = stored(store)
    address = f"/traces/{trace.id}/mint?suite=shop&case=taken"
    browser.post(f"/traces/{trace.id}/minted", browser.get(address).inputs())

    again = browser.get(address)

    assert "there is a case called taken already" in again.text
    assert "Write these files" not in again.text


def test_a_name_that_is_a_path_is_refused(browser: Any, store: MemoryStore, project: Path) -> None:
    trace = stored(store)
    page = browser.get(f"/traces/{trace.id}/mint?suite=../../etc&case=../../passwd")
    assert page.status == 200
    assert "cannot name a suite" in page.text
    assert list(project.glob("**/*.yaml")) == []


def test_a_trace_without_a_question_says_why_it_makes_no_case(
    browser: Any, store: MemoryStore
) -> None:
    trace = Trace(id="d" * 32, spans=(), source="otlp")
    store.traces.append([trace])
    assert "nothing that a user said" in browser.get(f"/traces/{trace.id}/mint").text
