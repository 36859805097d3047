"""The page over a full store: how long the server takes for each list, and for a long trace.

Traces of ten spans (see `conversations`), findings on 5 % of them, runs of recorded trials and
one trace of 2,000 spans are written to a store of their own. The server runs in a process of its
own, as `roadworthy serve` starts it, collector included; only its clock is ours, so that the
traces are of its last days. Each address is asked for over one connection on loopback, the
answer compressed, many times; the 95th percentile of each is held against a goal.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

import msgspec
from conversations import SPANS, START_S, STEP_S, conversation, conversations
from measuring import Broken, Figure, Options, options, parser, report

from roadworthy.app.app import App
from roadworthy.records.finding import Finding, Severity
from roadworthy.records.span import Span
from roadworthy.records.trace import Trace
from roadworthy.records.trial import Trial
from roadworthy.records.trial_result import TrialResult
from roadworthy.server.listening import serve
from roadworthy.store.ports import Store
from roadworthy.testing import a_case, a_run, a_trial

TRACES: Final = 100_000
QUICK_TRACES: Final = 500
REQUESTS: Final = 200  # of each address; ten are slower than the 95th percentile
BATCH: Final = 500  # traces
ONE_IN: Final = 20  # traces has a finding
KINDS: Final = ("loop", "repeated_write", "tool_error", "abnormal_stop")
RUNS: Final = 30
CASES: Final = 50
LONG: Final = Trace(id="f" * 32, spans=(), source="otlp")
LONG_SPANS: Final = 2000
LIST_MS: Final = 100
TRACE_MS: Final = 300

LISTS: Final = (
    "/",
    "/?window=all",
    "/traces",
    "/traces?text=parcel",
    "/traces?text=zebra",
    "/traces?text=coffee+order+tomorrow",
    "/traces?tool=refund_order&outcome=failure",
    "/traces?errors=1",
    "/traces?finding=any",
    "/traces?finding=loop&text=grinders",
    "/traces?since=2025-10-09&until=2025-10-10",
    "/traces?min_duration=18",
    "/findings",
    "/findings?kind=loop",
    "/findings?severity=low",
    "/findings?run=run-1",
    "/runs",
    "/suites",
)


def main() -> None:
    asked = parser(__doc__ or "", runs=REQUESTS)
    asked.add_argument("--traces", type=int, help=f"how many, {TRACES:,} by default")
    asked.add_argument("--serve", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    given = asked.parse_args()
    count = given.traces or (QUICK_TRACES if given.quick else TRACES)
    if given.serve is not None:
        _serve(given.serve, count)
    else:
        report("page_views", options(given), partial(measure, count=count))


def measure(asked: Options, *, count: int) -> Sequence[Figure]:
    with tempfile.TemporaryDirectory() as place:
        with _app(Path(place), count) as app:
            _fill(app.store, count)
        with _serving(Path(place), count) as url:
            stored = Figure(name="in the store", unit="traces", values=[count])
            return [stored, *_views(Page(url), asked.runs)]


def _app(folder: Path, count: int) -> App:
    """The project, at the moment when its last trace has ended."""
    ends_at = datetime.fromtimestamp(START_S + count * STEP_S, UTC)
    return App(folder, clock=lambda: ends_at)


def _serve(folder: Path, count: int) -> None:
    """Serve until told to stop; says where on stdout."""
    with _app(folder, count) as app:
        serve(app, host="127.0.0.1", port=0, ready=lambda url, _: print(url, flush=True))


@contextmanager
def _serving(folder: Path, count: int) -> Iterator[str]:
    """A server over the project in a process of its own; its URL."""
    command = [sys.executable, __file__, "--serve", str(folder), "--traces", str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = server.stdout.readline().strip()
            if not url:
                raise Broken("the server did not start")
            yield url
        finally:
            server.terminate()


class Page:
    """A browser as far as a server sees it: one connection, answers compressed."""

    headers: Final = {"Accept": "text/html", "Accept-Encoding": "gzip"}

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=120)

    def ask(self, address: str) -> float:
        """Milliseconds until the whole answer is there."""
        begun = perf_counter()
        self._connection.request("GET", address, headers=self.headers)
        answer = self._connection.getresponse()
        answer.read()
        taken = (perf_counter() - begun) * 1000
        if answer.status != 200:
            raise Broken(f"{address} was answered with {answer.status}")
        return taken


def _views(page: Page, runs: int) -> Iterator[Figure]:
    for address in LISTS:
        yield from _view(partial(page.ask, address), address, runs, at_most=LIST_MS)
    address = f"/traces/{LONG.id}"
    name = f"a trace of {LONG_SPANS:,} spans"
    yield from _view(partial(page.ask, address), name, runs, at_most=TRACE_MS)


def _view(ask: Callable[[], float], name: str, runs: int, *, at_most: float) -> Iterator[Figure]:
    """The times of a view, and the one that is held against the goal."""
    ask()
    times = sorted(ask() for _ in range(runs))
    yield Figure(name=name, unit="ms", values=times)
    slow = times[int(0.95 * len(times))]
    yield Figure(name=f"{name}, p95", unit="ms", values=[slow], at_most=at_most)


def _fill(store: Store, count: int) -> None:
    for first in range(0, count, BATCH):
        store.traces.extend(list(conversations(min(BATCH, count - first), first=first)))
    store.findings.add(
        [_finding(conversation(ONE_IN * place), place) for place in range(count // ONE_IN)]
    )
    cases = [a_case(f"case-{number}") for number in range(CASES)]
    for number in range(RUNS):
        run = a_run(f"run-{number}", cases=cases)
        results = [_result(run.id, case.id) for case in cases]
        store.runs.create(run)
        store.runs.append(results, [_of_trial(one.trial) for one in results[::ONE_IN]])
    store.traces.extend([msgspec.structs.replace(LONG, spans=tuple(_long()))])


def _result(run: str, case: str) -> TrialResult:
    trial = a_trial([("look", {"run": run, "case": case}, "seen")], case=case, run=run)
    return TrialResult(trial=trial, readings=())


def _of_trial(trial: Trial) -> Finding:
    if trial.trace is None:
        raise Broken(f"the trial of {trial.case} has no trace")
    return _finding(trial.trace, 0)


def _finding(trace: Trace, number: int) -> Finding:
    return Finding(
        id=f"finding on {trace.id}",
        trace_id=trace.id,
        kind=KINDS[number % len(KINDS)],
        severity=tuple(Severity)[number % 3],
        why="track_parcel ran 4 times with the same arguments and the same result",
        spans=(trace.spans[1].id,),
    )


def _long() -> Iterator[Span]:
    """One conversation after the other, all in one trace."""
    for number in range(LONG_SPANS // SPANS):
        for place, span in enumerate(conversation(900_000 + number).spans):
            yield msgspec.structs.replace(span, id=f"{number * SPANS + place + 1:016x}")


if __name__ == "__main__":
    main()
