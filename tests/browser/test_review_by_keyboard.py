"""Labelling in a real browser: one key for each label, a note, undo; also without script."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from roadworthy.app.app import App

PHONE = {"viewport": {"width": 360, "height": 740}}


def said(folder: Path) -> list[tuple[str, str]]:
    """What is in the store."""
    with App(folder) as app:
        return [(label.value, label.note) for label in app.store.labels.list()]


def item(page: Page) -> str:
    return page.locator("input[name=item]").input_value()


def press(page: Page, key: str) -> None:
    """Press a key that leads to another item, and wait for it."""
    before = item(page)
    page.keyboard.press(key)
    expect(page.locator("input[name=item]")).not_to_have_value(before)
    page.wait_for_load_state()


def test_keys_label_skip_note_and_undo(page: Page, own_site: str, tmp_path: Path) -> None:
    page.goto(f"{own_site}/review")
    page.get_by_label("Your name").fill("ann")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review?annotator=ann")

    press(page, "p")
    page.keyboard.press("n")
    page.keyboard.type("pays too much, fully")
    page.keyboard.press("Escape")
    press(page, "f")
    press(page, "s")
    expect(page.locator("[data-progress]")).to_contain_text("2 labelled, 1 skipped")
    press(page, "u")
    press(page, "p")

    assert said(tmp_path / "project") == [
        ("pass", ""),
        ("fail", "pays too much, fully"),
        ("", ""),
        ("pass", ""),
    ]
    expect(page.locator("nav a[aria-current=page]")).to_have_text("Review")
    expect(page.locator("[data-progress]")).to_contain_text("3 labelled, 0 skipped")


def test_a_key_that_is_held_down_labels_one_item(page: Page, own_site: str, tmp_path: Path) -> None:
    page.goto(f"{own_site}/review?annotator=ann")
    before = item(page)

    page.keyboard.down("f")
    for _ in range(5):
        page.keyboard.down("f")
    page.keyboard.up("f")
    expect(page.locator("input[name=item]")).not_to_have_value(before)

    assert said(tmp_path / "project") == [("fail", "")]


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
def test_without_script_the_buttons_label(page: Page, own_site: str, tmp_path: Path) -> None:
    page.goto(f"{own_site}/review?annotator=ann")

    page.get_by_role("button", name="Fail").click()
    page.get_by_role("link", name="Undo").click()
    expect(page.get_by_text("You said fail")).to_be_visible()
    page.get_by_role("button", name="Pass").click()

    assert [value for value, _ in said(tmp_path / "project")] == ["fail", "pass"]


@pytest.mark.parametrize("context", [PHONE], indirect=True)
def test_review_fits_a_phone(page: Page, site: str) -> None:
    for path in ("/review", "/review?annotator=ann", "/review/agreement"):
        page.goto(site + path)
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0, path
        expect(page.locator("h1")).to_have_count(1)


def test_g_then_v_goes_to_review(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("g")
    page.keyboard.press("v")
    expect(page).to_have_url(f"{site}/review")
