"""Each view in a real browser: it renders, by keyboard, in the dark and on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

PHONE = {"viewport": {"width": 360, "height": 740}}
DARK = {"color_scheme": "dark"}
VIEWS = ("/", "/?window=all", "/traces", "/findings", "/suites", "/runs")


SMALL_TEXTS = """[...document.querySelectorAll("main *, header *")]
  .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .filter(one => one.offsetParent && parseFloat(getComputedStyle(one).fontSize) < 12)
  .map(one => one.outerHTML.slice(0, 100))"""


def first_trace(page: Page, site: str, query: str = "?finding=loop") -> str:
    """The address of the first trace that a search finds."""
    page.goto(f"{site}/traces{query}")
    return site + (page.locator("a.row-link").first.get_attribute("href") or "")


def pixels_too_wide(page: Page) -> int:
    """How far the page can be scrolled sideways."""
    root = "document.documentElement"
    return int(page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))


def trace_views(page: Page, site: str) -> list[str]:
    """The views of one trace and of making a case of it."""
    trace = first_trace(page, site)
    page.goto(trace)
    span = page.locator(".span-row").nth(3).get_attribute("href") or ""
    other = first_trace(page, site, "?outcome=success").rsplit("/", 1)[1]
    return [trace, site + span, f"{trace}?against={other}", f"{trace}/mint"]


def test_every_view_has_a_heading_and_names_its_place(page: Page, site: str) -> None:
    for path in VIEWS:
        page.goto(site + path)
        expect(page.locator("h1")).to_have_count(1)
        expect(page.locator("nav a[aria-current=page]")).to_have_count(1)


def test_the_views_of_a_trace_render(page: Page, site: str) -> None:
    for address in trace_views(page, site):
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("nav a[aria-current=page]")).to_have_text("Traces")


@pytest.mark.parametrize("context", [PHONE], indirect=True)
def test_nothing_scrolls_sideways_on_a_phone(page: Page, site: str) -> None:
    for address in [*(site + path for path in VIEWS), *trace_views(page, site)]:
        page.goto(address)
        assert pixels_too_wide(page) <= 0, address


@pytest.mark.parametrize("context", [{}, PHONE], indirect=True)
def test_no_text_is_smaller_than_twelve_pixels(page: Page, site: str) -> None:
    case = f"{site}/suites/airline/cases/bag-allowance"
    for address in [*(site + path for path in VIEWS), *trace_views(page, site), case]:
        page.goto(address)
        assert page.evaluate(SMALL_TEXTS) == [], address


@pytest.mark.parametrize("context", [DARK], indirect=True)
def test_in_the_dark_the_page_is_dark_and_its_text_light(page: Page, site: str) -> None:
    page.goto(f"{site}/traces")
    style = "getComputedStyle(document.documentElement)"
    back, ink = page.evaluate(f"[{style}.backgroundColor, {style}.color]")
    assert sum(map(int, re.findall(r"\d+", back))) < 100
    assert sum(map(int, re.findall(r"\d+", ink))) > 600


def test_times_are_told_in_the_readers_zone_and_name_it(page: Page, site: str) -> None:
    page.goto(first_trace(page, site))
    shown = page.locator(".trace-facts time")
    expect(shown).to_contain_text("GMT+5:30")


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
def test_without_script_a_trace_reads_from_end_to_end(page: Page, site: str) -> None:
    page.goto(first_trace(page, site))
    expect(page.locator(".trace-facts time")).to_contain_text("UTC")
    expect(page.locator(".turn").first).to_be_visible()
    page.locator("details.call > summary").first.click()
    expect(page.get_by_text("Arguments").first).to_be_visible()
    expect(page.locator(".needs-script").first).to_be_hidden()


def test_j_and_k_move_and_enter_opens(page: Page, site: str) -> None:
    page.goto(f"{site}/traces")
    for key in ("j", "j", "j", "k"):
        page.keyboard.press(key)
    row = page.locator("tr.current")
    expect(row).to_have_count(1)
    assert row.evaluate("row => row.sectionRowIndex") == 1
    address = row.locator("a.row-link").get_attribute("href") or ""
    page.keyboard.press("Enter")
    expect(page).to_have_url(site + address)


def test_a_slash_searches_and_the_address_holds_the_search(page: Page, site: str) -> None:
    page.goto(f"{site}/traces")
    page.keyboard.press("/")
    page.keyboard.type("suitcases")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/traces\?text=suitcases"))
    expect(page.locator("a.row-link").first).to_contain_text("suitcases")


def test_a_question_mark_shows_the_keys_and_escape_hides_them(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()


@pytest.mark.parametrize(
    ("key", "path"), [("t", "/traces"), ("f", "/findings"), ("s", "/suites"), ("r", "/runs")]
)
def test_g_goes(page: Page, site: str, key: str, path: str) -> None:
    page.goto(site)
    page.keyboard.press("g")
    page.keyboard.press(key)
    expect(page).to_have_url(site + path)


def test_a_findings_link_opens_the_call_that_shows_it(page: Page, site: str) -> None:
    page.goto(first_trace(page, site))
    page.locator(".jumps a").nth(1).click()
    target = page.locator("details.call:target")
    expect(target).to_have_attribute("open", "")
    expect(target).to_be_in_viewport()
    expect(page.locator(".span-row.current")).to_have_count(1)


def test_a_span_opens_in_a_drawer_and_escape_closes_it(page: Page, site: str) -> None:
    page.goto(first_trace(page, site))
    page.locator(".span-row").nth(2).click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_role("heading", name="Attributes")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_what_is_typed_for_a_case_is_written_whether_or_not_its_preview_was_seen(
    page: Page, own_site: str
) -> None:
    page.goto(first_trace(page, own_site) + "/mint")
    page.get_by_label("Suite").fill("typed")
    page.get_by_label("Id").fill("as-typed")
    page.get_by_role("button", name="Write these files").click()
    expect(page.locator("h1")).to_have_text("as-typed is in suite typed")


def test_the_preview_follows_what_is_typed(page: Page, own_site: str) -> None:
    page.goto(first_trace(page, own_site) + "/mint")
    page.get_by_label("Id").fill("followed")
    expect(page.get_by_text("evals/airline/cases/followed.yaml")).to_be_visible()
    expect(page.get_by_label("Id")).to_be_focused()
    page.get_by_label("Suite").fill("../up")
    expect(page.get_by_text("cannot name a suite")).to_be_visible()
    expect(page.get_by_role("button", name="Write")).to_have_count(0)


def test_a_moment_of_a_case_is_told_in_the_readers_zone(page: Page, site: str) -> None:
    page.goto(f"{site}/suites/airline/cases/bag-allowance")
    expect(page.get_by_text(re.compile("^proved "))).to_contain_text("GMT+5:30")
    expect(page.get_by_text(re.compile("^drafted "))).to_contain_text("GMT+5:30")


def test_a_trace_becomes_a_case_in_three_clicks(page: Page, own_site: str) -> None:
    page.goto(first_trace(page, own_site))
    page.get_by_role("link", name="Make a case").click()
    page.get_by_label("Id").fill("wrong-flight")
    page.get_by_role("button", name="Update the preview").click()
    expect(page.get_by_text("evals/airline/cases/wrong-flight.yaml")).to_be_visible()
    page.get_by_role("button", name="Write these files").click()
    expect(page.locator("h1")).to_have_text("wrong-flight is in suite airline")
    page.get_by_role("link", name="Open the case").click()
    expect(page).to_have_url(f"{own_site}/suites/airline/cases/wrong-flight")
    page.goto(own_site)
    expect(page.get_by_text("to prove")).to_be_visible()
