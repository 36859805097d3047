"""Whatever agents and files call things, a chart is drawn and the process that asks lives."""

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.app.charting.charts import PAINTER, Chart, Row, svg, vega_lite, vega_script
from roadworthy.app.charting.painter import NotDrawn, Painter
from roadworthy.app.charting.text import LABEL_COLUMNS, LONGEST_TEXT, axis_label, drawable
from roadworthy.base.codec import encode

HOSTILE = (
    "a\x00b\x01\x0b\x1b[31m\x7f\x85\u200e\u202e\u2066\ud800\udfff\ufdd0\ufffe\uffff\U0001fffe&<"
)
XML_CANNOT_HOLD = {*range(9), 0xB, 0xC, *range(0xE, 0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF}
BIDI = {0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


def a_chart(*names: str, label: str = "a chart") -> Chart:
    rows: tuple[Row, ...] = tuple(
        {"what": name, "side": "base", "rate": 0.5, "low": 0.2, "high": 0.8, "shown": name}
        for name in names
    )
    return Chart(kind="comparison", label=label, rows=rows)


@pytest.fixture
def fragile() -> Iterator[Painter]:
    """A painter whose helper dies over every second request, as one with a panic would."""
    script = """if True:
        import os, sys
        from multiprocessing.connection import Connection
        import msgspec
        with Connection(int(sys.argv[1])) as pipe:
            while True:
                task, data = pipe.recv_bytes(), pipe.recv_bytes()
                if data == b"die": os._exit(6)
                if data == b"hang": pipe.poll(60)
                if data == b"babble": pipe.send_bytes(b"what?")
                else: pipe.send_bytes(msgspec.msgpack.encode({"drawn": data.decode()}))
    """
    painter = Painter((sys.executable, "-c", script), patience_s=20)
    yield painter
    painter.close()


@settings(max_examples=500)
@given(text=st.text() | st.text(st.characters(max_codepoint=0x9F) | st.sampled_from(HOSTILE)))
def test_no_character_reaches_a_chart_that_a_picture_cannot_hold(text: str) -> None:
    shown = drawable(text)

    assert not {ord(char) for char in shown} & (XML_CANNOT_HOLD | BIDI)
    assert len(shown) <= LONGEST_TEXT
    assert drawable(shown) == shown
    ET.fromstring(f'<a b="{shown.translate({38: None, 60: None, 34: None})}"/>')


def test_every_character_that_xml_cannot_hold_is_shown_as_an_escape() -> None:
    for code in XML_CANNOT_HOLD | BIDI:
        assert drawable(chr(code)) in (f"\\x{code:02x}", f"\\u{code:04x}", "⏎")


@given(one=st.text(min_size=1), other=st.text(min_size=1))
def test_texts_that_differ_late_stay_different_where_they_are_cut(one: str, other: str) -> None:
    start = "x" * LONGEST_TEXT

    assert (drawable(start + one) == drawable(start + other)) == (
        drawable(one, limit=10**6) == drawable(other, limit=10**6)
    )


def test_a_chart_holds_only_drawable_text_however_it_was_made() -> None:
    chart = a_chart(HOSTILE, label=HOSTILE)

    assert chart.rows[0]["what"] == drawable(HOSTILE)
    assert chart.label == drawable(HOSTILE)
    assert msgspec.json.decode(encode(chart), type=Chart) == chart
    assert chart.digest == msgspec.json.decode(encode(chart), type=Chart).digest
    assert HOSTILE not in str(vega_lite(chart))


@settings(max_examples=15, deadline=None)
@given(names=st.lists(st.text() | st.just(HOSTILE), min_size=1, max_size=5), label=st.text())
def test_a_chart_of_hostile_names_is_drawn_and_is_xml(names: list[str], label: str) -> None:
    picture = svg(a_chart(*names, label=label))

    assert ET.fromstring(picture).tag.endswith("svg")


@pytest.mark.parametrize("char", ["x", "🎈", "界", "\U0002a6d6", "e\u0301"])
def test_names_of_any_length_are_cut_between_characters_and_keep_their_rows(char: str) -> None:
    """Cut by the library, half of a character was left, over which it failed."""
    chart = a_chart(*(char * 150 + end for end in "ab"))
    drawn = ET.fromstring(svg(chart))
    shown = [one.text or "" for one in drawn.iter("{http://www.w3.org/2000/svg}text")]

    assert len([text for text in shown if text.startswith(char[0])]) == 2
    assert all(len(text) <= LABEL_COLUMNS + 1 for text in shown)
    assert axis_label("short") == "short"


def test_one_warm_process_draws_them_all_and_makes_the_script() -> None:
    first = svg(a_chart("a"))
    helper = PAINTER.pid
    assert b"vegaEmbed" in vega_script()

    assert svg(a_chart("b")) != first
    assert helper is not None
    assert PAINTER.pid == helper


def test_a_character_that_kills_the_library_costs_one_picture_and_not_this_process() -> None:
    """What a panic in native code did to the whole server, straight to the library."""
    painter = Painter()
    text = "\\u0001"
    chart = f'{{"data": {{"values": [{{"a": "x{text}"}}]}}, "mark": "bar", "encoding": '
    chart += '{"y": {"field": "a", "type": "nominal"}}}'
    try:
        with pytest.raises(NotDrawn, match="died over it"):
            painter.paint("svg", chart.encode())
        assert "<svg" in painter.paint("svg", chart.replace(text, "").encode())
    finally:
        painter.close()


def test_a_helper_that_died_is_replaced(fragile: Painter) -> None:
    assert fragile.paint("svg", b"one") == "one"
    before = fragile.pid
    with pytest.raises(NotDrawn):
        fragile.paint("svg", b"die")

    assert fragile.paint("svg", b"two") == "two"
    assert fragile.pid != before


def test_a_helper_that_ended_while_idle_is_not_noticed(fragile: Painter) -> None:
    fragile.paint("svg", b"one")
    process = fragile._process
    assert process is not None
    process.kill()
    process.wait()

    assert fragile.paint("svg", b"two") == "two"


@pytest.mark.parametrize("data", [b"hang", b"babble"])
def test_a_helper_that_is_slow_or_talks_nonsense_is_ended(fragile: Painter, data: bytes) -> None:
    fragile._patience_s = 0.2 if data == b"hang" else 20
    with pytest.raises(NotDrawn):
        fragile.paint("svg", data)

    fragile._patience_s = 20
    assert fragile.paint("svg", b"two") == "two"


def test_what_the_library_refuses_is_told_without_what_it_says() -> None:
    with pytest.raises(NotDrawn, match=r"cannot be drawn: \w+$"):
        PAINTER.paint("svg", b'{"mark": "no such mark", "secret": "s3cret"}')
