"""The search form of the traces page: from an address to a query, and back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias, get_args

from roadworthy.records.record import Record
from roadworthy.records.trace_query import TraceQuery
from roadworthy.server.pages.clean_address import unknown_filters
from roadworthy.server.text import query as address_of

Outcome: TypeAlias = Literal["success", "failure", "unknown"]

PATH: Final = "/traces"
_LONGEST: Final = 300  # characters of one field
_MOST: Final = 1e15
_TEXTS: Final = (
    "text",
    "tool",
    "model",
    "version",
    "source",
    "session",
    "run",
    "finding",
    "stop",
    "outcome",
    "errors",
)
_NUMBERS: Final = ("min_duration", "max_duration", "min_cost")
_DAYS: Final = ("since", "until")
NAMES: Final = {
    "tool": "tool",
    "model": "model",
    "version": "version",
    "source": "source",
    "session": "session",
    "run": "run",
    "finding": "finding",
    "stop": "stop",
    "outcome": "outcome",
    "errors": "tool errors",
    "min_duration": "lasted at least",
    "max_duration": "lasted at most",
    "min_cost": "cost at least",
    "since": "since (UTC)",
    "until": "before (UTC)",
}
_SHOWN: Final = {"min_duration": "{} s", "max_duration": "{} s", "min_cost": "${}"}


class TraceSearch(Record, frozen=True, kw_only=True):
    """What the form holds, as typed; `problems` tell what was left out of it."""

    values: dict[str, str]
    problems: tuple[str, ...] = ()

    def query(self) -> TraceQuery:
        """What to look for."""
        outcome = self.values.get("outcome")
        return TraceQuery(
            text=self.values.get("text", ""),
            tool=self.values.get("tool"),
            model=self.values.get("model"),
            version=self.values.get("version"),
            source=self.values.get("source"),
            session=self.values.get("session"),
            run=self.values.get("run"),
            finding=self.values.get("finding"),
            stop=self.values.get("stop"),
            outcome=_outcome(outcome),
            has_error=True if self.values.get("errors") else None,
            min_duration_s=_number(self.values.get("min_duration")),
            max_duration_s=_number(self.values.get("max_duration")),
            min_cost_usd=_number(self.values.get("min_cost")),
            since=_day(self.values.get("since")),
            until=_day(self.values.get("until")),
        )

    def address(self, **more: str | None) -> str:
        """The address of this search, to be shared; `more` adds to it."""
        return address_of(PATH, {**self.values, **more})

    def without(self, name: str) -> str:
        """The address of this search with one condition fewer."""
        return address_of(PATH, {key: v for key, v in self.values.items() if key != name})

    @property
    def conditions(self) -> list[tuple[str, str, str]]:
        """(field, its name, value with its unit) of everything but the text."""
        return [
            (key, NAMES[key], _SHOWN.get(key, "{}").format(self.values[key]))
            for key in NAMES
            if key in self.values
        ]


def read_search(params: Mapping[str, str]) -> TraceSearch:
    """Read what an address asks. What cannot be read, and what is no filter, is told."""
    values = {
        name: params[name].strip()[:_LONGEST]
        for name in (*_TEXTS, *_NUMBERS, *_DAYS)
        if params.get(name, "").strip()
    }
    wrong = {name: wanted for name, text in values.items() if (wanted := _wanted(name, text))}
    problems = [
        f"“{NAMES[name]}” takes {wanted}, not “{values[name]}”; it was left out."
        for name, wanted in wrong.items()
    ]
    known = (*_TEXTS, *_NUMBERS, *_DAYS, "cursor")
    return TraceSearch(
        values={name: text for name, text in values.items() if name not in wrong},
        problems=(*problems, *unknown_filters(params, known)),
    )


def _wanted(name: str, text: str) -> str | None:
    """What the field takes, when `text` is not of that kind."""
    if name in _NUMBERS and _number(text) is None:
        return "a number from 0 up"
    if name in _DAYS and _day(text) is None:
        return "a day like 2026-11-20"
    if name == "outcome" and _outcome(text) is None:
        return "success, failure or unknown"
    return None


def _outcome(text: str | None) -> Outcome | None:
    for known in get_args(Outcome):
        if text == known:
            return known  # type: ignore[no-any-return]  # get_args forgets the type
    return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < _MOST else None


def _day(text: str | None) -> float | None:
    try:
        return datetime.strptime(text or "", "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
