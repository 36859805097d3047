"""The waterfall in a real browser: one axis of time for spans of every depth."""

import pytest
from playwright.sync_api import Page

PHONE = {"viewport": {"width": 360, "height": 740}}
TRACE = "5" * 32
DEPTHS = 5


def spans() -> list[dict[str, object]]:
    """A chain in which every span starts with its parent and ends with it, as OTLP has it."""
    return [
        {
            "traceId": TRACE,
            "spanId": f"{depth + 1:016x}",
            "parentSpanId": f"{depth:016x}" if depth else "",
            "name": f"step {depth}",
            "startTimeUnixNano": "1760000000000000000",
            "endTimeUnixNano": "1760000001000000000",
        }
        for depth in range(DEPTHS)
    ]


@pytest.mark.parametrize("context", [{}, PHONE], indirect=True)
def test_a_child_that_starts_with_its_parent_starts_at_the_same_pixel(
    page: Page, own_site: str
) -> None:
    body = {"resourceSpans": [{"scopeSpans": [{"spans": spans()}]}]}
    assert page.request.post(f"{own_site}/v1/traces", data=body).ok

    page.goto(f"{own_site}/traces/{TRACE}")
    boxes = [rect.bounding_box() for rect in page.locator(".bar-svg rect").all()]

    edges = {(box["x"], box["x"] + box["width"]) for box in boxes if box is not None}
    assert len(boxes) == DEPTHS
    assert len(edges) == 1


def test_names_are_indented_by_depth(page: Page, own_site: str) -> None:
    body = {"resourceSpans": [{"scopeSpans": [{"spans": spans()}]}]}
    assert page.request.post(f"{own_site}/v1/traces", data=body).ok

    page.goto(f"{own_site}/traces/{TRACE}")
    indents = page.locator(".span-name").evaluate_all(
        "names => names.map(name => parseFloat(getComputedStyle(name).paddingLeft))"
    )

    assert len(indents) == DEPTHS
    assert indents == sorted(set(indents))
