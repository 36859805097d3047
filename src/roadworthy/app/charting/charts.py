"""Charts: one definition for the page, for the page without script, and for reports.

A `Chart` is its data. `vega_lite` draws it up as Vega-Lite (by altair) in the colours of a
`Theme`; the page's script shows that, and `svg` is a picture of it.

Names and labels come from agents, files and people. A `Chart` holds them only as `drawable` text:
the library that draws ends its process over a character that XML cannot hold.

Not here: which numbers go in (`app.chart_data`), drawing (`app.painter`), serving
(`server.pages.charts`).
"""

import atexit
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from roadworthy.app.charting.painter import Painter
from roadworthy.app.charting.text import LONGEST_SENTENCE, axis_label, drawable
from roadworthy.app.charting.theme import THEMES, Theme
from roadworthy.base.codec import Json, canonical, encode
from roadworthy.base.ids import hex_digest
from roadworthy.records.record import Record

if TYPE_CHECKING:
    import altair as alt

FORM = 2  # goes up when the same data is drawn in another way
PICTURES_KEPT = 128
EXPORTS = "window.vegaEmbed = vegaEmbed;"
ROW_HEIGHT = 22
APART = "⁞"  # in the place of a row: what the axis shows, then what makes it the only one
WIDTH = 640

PAINTER = Painter()
"""The one of this process; it starts its helper for the first picture."""
atexit.register(PAINTER.close)

Row: TypeAlias = dict[str, Json]
Kind: TypeAlias = Literal["pass_rate", "case_history", "comparison"]


class Chart(Record, frozen=True, kw_only=True):
    """What is drawn: a kind and its rows; `label` says it to those who cannot see it.

    Texts are made `drawable` on the way in.
    """

    kind: Kind
    rows: tuple[Row, ...]
    label: str

    def __post_init__(self) -> None:
        """Nothing undrawable gets past here, whoever makes the chart."""
        rows = tuple({name: _drawable(value) for name, value in row.items()} for row in self.rows)
        msgspec.structs.force_setattr(self, "rows", rows)
        msgspec.structs.force_setattr(self, "label", drawable(self.label, limit=LONGEST_SENTENCE))

    @property
    def digest(self) -> str:
        """16 hex digits that change whenever the picture would."""
        return hex_digest(canonical([FORM, self.kind, self.label, list(self.rows)]))[:16]


def _drawable(value: Json) -> Json:
    return drawable(value) if isinstance(value, str) else value


def vega_lite(chart: Chart, theme: str = "light") -> dict[str, Any]:
    """The chart as Vega-Lite, with its data inside."""
    colours = THEMES[theme]
    drawn = _DRAWN[chart.kind](chart, colours)
    drawn = drawn.properties(description=chart.label, background="transparent")
    spec: dict[str, Any] = _configured(drawn, colours).to_dict()
    return spec


def svg(chart: Chart, theme: str = "light") -> str:
    """The chart as a picture.

    Raises:
        NotDrawn: there is none; whatever the chart holds, this process lives.
    """
    return _picture(msgspec.json.encode(chart), chart.digest, theme)


@lru_cache(maxsize=PICTURES_KEPT)
def _picture(encoded: bytes, _digest: str, theme: str) -> str:
    chart = msgspec.json.decode(encoded, type=Chart)
    return PAINTER.paint("svg", encode(vega_lite(chart, theme)))


def _configured(drawn: "alt.TopLevelMixin", colours: Theme) -> Any:
    import altair as alt  # noqa: PLC0415 - 0.5 s that only charts pay

    configured: Any = drawn
    return (
        configured.configure(font="system-ui, -apple-system, 'Segoe UI', sans-serif")
        .configure_axis(
            labelColor=colours.quiet,
            titleColor=colours.quiet,
            titleFontWeight="normal",
            gridColor=colours.line,
            domainColor=colours.line,
            tickColor=colours.line,
            labelFontSize=12,
            titleFontSize=12,
            labelLimit=0,  # it would cut characters outside of the first plane in two, and fail
        )
        .configure_view(stroke=None)
        .configure_legend(
            labelColor=colours.quiet,
            titleColor=colours.quiet,
            labelFontSize=12,
            symbolType="square",
        )
        .configure_text(color=colours.ink)
        .configure_scale(barBandPaddingInner=0.2)
        .properties(autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
    )


def _values(chart: Chart) -> "alt.InlineData":
    """The rows with the `place` of each on the axis of names, whose labels `_place` shows."""
    import altair as alt  # noqa: PLC0415

    shown, key = _NAMES[chart.kind]
    places: dict[Json, int] = {}
    values = [
        {
            **row,
            "place": f"{axis_label(row[shown])}{APART}{places.setdefault(row[key], len(places))}",
        }
        for row in chart.rows
    ]
    return alt.InlineData(values=values)


def _names(**options: Any) -> "alt.Axis":
    """An axis of names: of each place, what stands before `APART`."""
    import altair as alt  # noqa: PLC0415

    label = f"split(datum.label, '{APART}')[0]"
    return alt.Axis(title=None, labelExpr=label, **options)


def _share_scale(title: str | None) -> dict[str, Any]:
    import altair as alt  # noqa: PLC0415

    return {
        "scale": alt.Scale(domain=[0, 1], nice=False),
        "axis": alt.Axis(format="%", tickCount=5, title=title),
    }


def _pass_rate(chart: Chart, colours: Theme) -> "alt.LayerChart | alt.FacetChart":
    """Pass rate of each run with its interval, oldest first. Unmeasured runs leave a gap."""
    import altair as alt  # noqa: PLC0415

    x = alt.X("place:N", sort=None, axis=_names(labelAngle=0))
    base = alt.Chart(_values(chart)).encode(x=x)
    said = [alt.Tooltip(f"{name}:N") for name in ("run", "version")]
    said.append(alt.Tooltip("shown:N", title="pass rate"))
    bars = base.mark_rule(color=colours.accent, opacity=0.35, strokeWidth=6).encode(
        y=alt.Y("low:Q", **_share_scale("pass rate")), y2="high:Q", tooltip=said
    )
    line = base.mark_line(color=colours.accent, strokeWidth=1.5, opacity=0.6).encode(y="rate:Q")
    dots = base.mark_circle(color=colours.accent, size=60, opacity=1).encode(
        y="rate:Q", tooltip=said
    )
    return alt.layer(bars, line, dots).properties(width=WIDTH, height=200)


def _case_history(chart: Chart, colours: Theme) -> "alt.LayerChart | alt.FacetChart":
    """A row for each case, a column for each run, coloured by the share of trials passed."""
    import altair as alt  # noqa: PLC0415

    cases = len({str(row["case"]) for row in chart.rows})
    runs = len({str(row["run"]) for row in chart.rows})
    base = alt.Chart(_values(chart)).encode(
        x=alt.X("run:N", sort=None, axis=alt.Axis(title=None, labels=False, ticks=False)),
        y=alt.Y("place:N", sort=None, axis=_names(ticks=False, domain=False)),
        tooltip=[
            alt.Tooltip("case:N"),
            alt.Tooltip("run:N"),
            alt.Tooltip("version:N"),
            alt.Tooltip("shown:N", title="passed"),
        ],
    )
    measured = (
        base.transform_filter("isValid(datum.rate)")
        .mark_rect(cornerRadius=2)
        .encode(
            color=alt.Color(
                "rate:Q",
                scale=alt.Scale(
                    domain=[0, 0.5, 1], range=[colours.bad, colours.middle, colours.good]
                ),
                legend=None,
            )
        )
    )
    missing = base.transform_filter("!isValid(datum.rate)").mark_rect(
        cornerRadius=2, fill=None, stroke=colours.open, strokeDash=[2, 2]
    )
    return alt.layer(measured, missing).properties(
        width=min(WIDTH, 26 * max(runs, 1)), height=ROW_HEIGHT * max(cases, 1)
    )


def _comparison(chart: Chart, colours: Theme) -> "alt.LayerChart | alt.FacetChart":
    """Rates of both sides with their intervals, one row for each thing compared."""
    import altair as alt  # noqa: PLC0415

    rows = len({str(row["what"]) for row in chart.rows})
    sides = alt.Color(
        "side:N",
        sort=None,
        scale=alt.Scale(domain=["base", "candidate"], range=[colours.quiet, colours.accent]),
        legend=alt.Legend(title=None, orient="top"),
    )
    base = alt.Chart(_values(chart)).encode(
        y=alt.Y("place:N", sort=None, axis=_names(ticks=False, domain=False)),
        yOffset=alt.YOffset("side:N", sort=["base", "candidate"]),
        color=sides,
        tooltip=[alt.Tooltip("what:N", title=" "), alt.Tooltip("side:N"), alt.Tooltip("shown:N")],
    )
    bars = base.mark_rule(strokeWidth=5, opacity=0.5).encode(
        x=alt.X("low:Q", **_share_scale("pass rate")), x2="high:Q"
    )
    dots = base.mark_circle(size=70, opacity=1).encode(x="rate:Q")
    return alt.layer(bars, dots).properties(width=WIDTH, height=2 * ROW_HEIGHT * max(rows, 1))


_NAMES: Mapping[Kind, tuple[str, str]] = {
    "pass_rate": ("version", "run"),
    "case_history": ("case", "case"),
    "comparison": ("what", "what"),
}
"""What names a row on the axis, and what makes it another row."""

_DRAWN: Mapping[Kind, Callable[[Chart, Theme], Any]] = {
    "pass_rate": _pass_rate,
    "case_history": _case_history,
    "comparison": _comparison,
}


@lru_cache(maxsize=1)
def vega_script() -> bytes:
    """JavaScript with Vega, Vega-Lite and Vega-Embed, out of the library that draws pictures.

    Raises:
        NotDrawn: it cannot be had.
    """
    return PAINTER.paint("script", EXPORTS.encode()).encode()
