"""What is to be known of a trace besides its path: who judged it, and what it is known to lack.

Not here: taking evaluations in (`ingest_spans`), redacting (`ingest.incoming_redaction`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from roadworthy.app.ingest_spans import EVALUATION
from roadworthy.base.codec import Json
from roadworthy.ingest.incoming_redaction import PERSONAL, REDACTED
from roadworthy.ingest.otlp.evaluations import evaluations_on
from roadworthy.records.evaluation import Evaluation
from roadworthy.records.trace import Trace

_KINDS_NAMED: Final = 6


def evaluations_beside(trace: Trace) -> Mapping[str, Evaluation]:
    """Evaluations that were sent beside the trace, by the attribute that holds each."""
    return dict(_beside(trace))


def evaluations_of(trace: Trace) -> list[Evaluation]:
    """All evaluations, those on spans too, oldest first."""
    found = [*evaluations_beside(trace).values(), *evaluations_on(trace)]
    return sorted(found, key=lambda one: one.at_ns)


def redacted_in(trace: Trace) -> Mapping[str, int]:
    """How many values were taken out of the trace before it was stored, by kind.

    The head of a trace that came in parts knows of the first part with any; its spans know of
    their own.
    """
    whole = _tally([trace.attributes])
    on_spans = _tally(span.attributes for span in trace.spans)
    return dict(sorted((whole | on_spans).items()))  # of each kind the larger count


def notes_on(trace: Trace) -> tuple[str, ...]:
    """A sentence for each thing that the trace is known to lack."""
    return (*trace.trajectory.gaps.in_words, *_on_redactions(redacted_in(trace)))


def _on_redactions(redacted: Mapping[str, int]) -> Iterator[str]:
    total = sum(redacted.values())
    if total:
        what = "value" if any(kind in PERSONAL for kind in redacted) else "secret"
        were = f"1 {what} was" if total == 1 else f"{total:,} {what}s were"
        yield f"{were} redacted{_by_kind(redacted)}."


def _by_kind(redacted: Mapping[str, int]) -> str:
    """``: 2 api-key, 1 password``; nothing where no kind tells more than that it is secret."""
    kinds = [f"{count:,} {kind}" for kind, count in redacted.items()]
    more = ["…"] if len(kinds) > _KINDS_NAMED else []
    return "" if redacted.keys() <= {"secret"} else f": {', '.join([*kinds[:_KINDS_NAMED], *more])}"


def _tally(attributes: Iterable[Mapping[str, Json]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for some in attributes:
        counted = some.get(REDACTED)
        for kind, count in counted.items() if isinstance(counted, dict) else ():
            if isinstance(count, int) and count > 0:
                found[kind] += int(count)
    return found


def _beside(trace: Trace) -> Iterator[tuple[str, Evaluation]]:
    for name, value in trace.attributes.items():
        if name.startswith(f"{EVALUATION}."):
            try:
                yield name, msgspec.convert(value, Evaluation)
            except msgspec.ValidationError:
                continue
