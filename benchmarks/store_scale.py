"""The store at a million spans: how fast it takes them in, how small, how fast it finds them.

Traces of ten spans of about 1 kB (see `conversations`) are written in batches of 500 spans,
each durable before the next begins, as the server writes them. Making the traces is not
counted, and what is measured is this process alone. A second ingest figure spreads every trace
over two batches, as exporters do. Then every kind of search runs many times on the full store,
with 20,000 findings in it; a figure of a search holds the times of all its runs.
"""

import gc
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final

import msgspec
from conversations import SPANS, START_S, conversation, conversations
from measuring import Figure, Options, options, parser, report

from roadworthy.base.codec import decode, encode
from roadworthy.records.finding import Finding, Severity
from roadworthy.records.span import Span
from roadworthy.records.trace import Trace
from roadworthy.records.trace_query import TraceQuery
from roadworthy.store.ports import Store
from roadworthy.store.sql import open_store

TRACES: Final = 100_000
QUICK_TRACES: Final = 500
FINDINGS_PER_TRACE: Final = 0.2
BATCH: Final = 50  # traces, so 500 spans
SEARCHES: Final = 40  # runs of each query
LONG: Final = 2000  # spans of the long trace
DAY_S: Final = 86_400.0

QUERIES: Final = {
    "all": TraceQuery(),
    "a common word": TraceQuery(text="parcel"),
    "three words": TraceQuery(text="coffee order tomorrow"),
    "one trace's word": TraceQuery(text="007919"),
    "no such word": TraceQuery(text="zebra"),
    "a tool": TraceQuery(tool="refund_order"),
    "model and outcome": TraceQuery(model="gpt-4.1", outcome="failure"),
    "tool, word, outcome, error": TraceQuery(
        tool="read_policy", text="lamp", outcome="failure", has_error=True
    ),
    "the oldest version": TraceQuery(version="v1"),
    "one session": TraceQuery(session="session-17"),
    "the first hour": TraceQuery(since=START_S, until=START_S + 3600),
    "a day and a word": TraceQuery(since=START_S, until=START_S + DAY_S, text="address"),
    "long ones": TraceQuery(min_duration_s=18.0),
    "longer than any": TraceQuery(min_duration_s=18.995),
    "costly ones": TraceQuery(min_cost_usd=0.015),
    "any finding": TraceQuery(finding="any"),
    "a rare finding": TraceQuery(finding="rare"),
    "a finding and a word": TraceQuery(finding="loop", text="grinders"),
    "a finding, longer than any": TraceQuery(finding="any", min_duration_s=18.995),
}


def main() -> None:
    asked = parser(__doc__ or "", runs=3)
    report("store_scale", options(asked.parse_args()), measure)


def measure(asked: Options) -> Sequence[Figure]:
    count = QUICK_TRACES if asked.quick else TRACES
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "store.db"
        store = open_store(file)
        try:
            begun = perf_counter()
            rates = _fill(store, count)
            built = perf_counter() - begun
            figures = [
                Figure(
                    name="build the store, making the traces included", unit="s", values=[built]
                ),
                Figure(name="ingest, each tenth of the way", unit="spans/s", values=rates),
                _size(file, count),
                _fresh(asked.runs),
                _halves(asked.runs),
            ]
            _add_findings(store, count)
            return [*figures, *_searches(store), *_others(store, asked.runs)]
        finally:
            store.close()


def _fill(store: Store, count: int) -> list[float]:
    """Write `count` traces; spans per second of each tenth of them."""
    tenth, rates, spent = count // 10, [], 0.0
    for first in range(0, count, BATCH):
        batch = list(conversations(BATCH, first=first))
        begun = perf_counter()
        store.traces.extend(batch)
        spent += perf_counter() - begun
        if (first + BATCH) % tenth == 0:
            rates.append(tenth * SPANS / spent)
            spent = 0.0
    return rates


def _size(file: Path, count: int) -> Figure:
    sizes = [file, file.with_name(f"{file.name}-wal")]
    total = sum(one.stat().st_size for one in sizes if one.exists())
    return Figure(
        name="on disk, log included", unit="bytes/span", values=[total / count / SPANS], at_most=600
    )


def _fresh(runs: int) -> Figure:
    rates = [_rate([conversation(number) for number in range(2000)], BATCH) for _ in range(runs)]
    return Figure(
        name="ingest into a new store, batches of 500",
        unit="spans/s",
        values=rates,
        at_least=20_000,
    )


def _halves(runs: int) -> Figure:
    """Every trace in two parts, the second a batch after the first."""
    whole = [conversation(number) for number in range(2000)]
    parts = [
        msgspec.structs.replace(trace, spans=trace.spans[half])
        for first in range(0, len(whole), 2 * BATCH)
        for half in (slice(5, 10), slice(0, 5))
        for trace in whole[first : first + 2 * BATCH]
    ]
    rates = [_rate(parts, 2 * BATCH) for _ in range(runs)]
    return Figure(name="the same, each trace in two parts", unit="spans/s", values=rates)


def _rate(parts: Sequence[Trace], size: int) -> float:
    sent = [decode(Trace, encode(part)) for part in parts]  # no object in two traces, as off a wire
    gc.collect()
    gc.freeze()  # what waits to be sent is not the store's to look through
    with tempfile.TemporaryDirectory() as place:
        store = open_store(Path(place) / "store.db")
        begun = perf_counter()
        for first in range(0, len(sent), size):
            store.traces.extend(sent[first : first + size])
        taken = perf_counter() - begun
        store.close()
    gc.unfreeze()
    return sum(len(part.spans) for part in parts) / taken


def _add_findings(store: Store, count: int) -> None:
    found = int(count * FINDINGS_PER_TRACE)
    store.findings.add([_finding(number, count) for number in range(found)])


def _finding(number: int, count: int) -> Finding:
    kind = "rare" if number % (count // 20) == 0 else "loop" if number % 2 else "tool_error"
    return Finding(
        id=f"finding {number}",
        trace_id=conversation(5 * number).id,
        kind=kind,
        severity=Severity.LOW,
        why="of the benchmark",
        spans=(),
    )


def _searches(store: Store) -> Iterator[Figure]:
    worst: list[float] = []
    for name, query in QUERIES.items():
        times = sorted(_milliseconds(partial(store.traces.search, query), SEARCHES))
        worst.append(times[int(0.95 * len(times))])
        yield Figure(name=f"search: {name}", unit="ms", values=times)
    yield Figure(
        name="search: p95 of the slowest query", unit="ms", values=[max(worst)], at_most=60
    )


def _others(store: Store, runs: int) -> Iterator[Figure]:
    until = START_S + 40 * DAY_S
    work: dict[str, Callable[[], object]] = {
        "page through 1,000 rows": lambda: _page(store),
        "list": store.traces.list,
        "traffic of every day": lambda: store.traces.traffic(
            since=START_S, until=until, step_s=DAY_S
        ),
        "count": store.traces.count,
        "load a trace of 10 spans": lambda: store.traces.load(conversation(7).id),
    }
    for name, call in work.items():
        yield Figure(name=name, unit="ms", values=_milliseconds(call, SEARCHES))
    trace = _long_trace()
    store.traces.extend([trace])
    yield Figure(
        name=f"load a trace of {LONG} spans",
        unit="ms",
        values=_milliseconds(lambda: store.traces.load(trace.id), max(runs, 5)),
        at_most=150,
    )


def _page(store: Store) -> None:
    cursor: str | None = None
    for _ in range(10):
        cursor = store.traces.search(TraceQuery(), cursor=cursor, limit=100).next


def _long_trace() -> Trace:
    """One conversation after the other, all in one trace."""
    spans: list[Span] = []
    for number in range(LONG // SPANS):
        spans += [
            msgspec.structs.replace(span, id=f"{len(spans) + place:016x}")
            for place, span in enumerate(conversation(900_000 + number).spans)
        ]
    return Trace(id="f" * 32, spans=tuple(spans), source="otlp")


def _milliseconds(work: Callable[[], object], runs: int) -> list[float]:
    taken = []
    for _ in range(runs):
        begun = perf_counter()
        work()
        taken.append((perf_counter() - begun) * 1000)
    return taken


if __name__ == "__main__":
    main()
