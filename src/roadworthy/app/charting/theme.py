"""Colours of charts: the page's own, light and dark."""

from collections.abc import Mapping

from roadworthy.records.record import Record


class Theme(Record, frozen=True, kw_only=True):
    """Colours of a chart; the page's own, light or dark."""

    ink: str
    quiet: str
    line: str
    accent: str
    good: str
    middle: str
    bad: str
    open: str


THEMES: Mapping[str, Theme] = {
    "light": Theme(
        ink="#1b1f24",
        quiet="#656d77",
        line="#e3e6e9",
        accent="#2f54c0",
        good="#2e9e6b",
        middle="#d39417",
        bad="#d9484f",
        open="#b6bcc5",
    ),
    "dark": Theme(
        ink="#e9ebee",
        quiet="#949ca5",
        line="#2a2f34",
        accent="#9db4ff",
        good="#35a372",
        middle="#c48d22",
        bad="#d9545a",
        open="#565e67",
    ),
}
