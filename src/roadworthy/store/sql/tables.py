"""The tables of the present schema; `migrations/` holds the way that led here.

`bodies` and `messages` are content-addressed: no row points at them by key, because a row is
shared by everything that says the same. `id` columns count up in order of writing.

A trial's own row and `readings` hold what was found as it ran: grading 0. What later gradings
found stands beside it, in `graded_trials` and `graded_readings`, so that the path every trial
takes knows nothing of them.

`facts` and `trace_words` say again what is in the summaries of `traces`, in the form in which
lists look for it: narrow rows to compare numbers, and an inverted index over the terms of
`trace_terms`. The index keeps no texts and no positions; its rows are those of `traces`.
"""

from typing import Final

from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

from roadworthy.base.ids import DIGEST_BYTES
from roadworthy.records.span import SPAN_ID_DIGITS, TRACE_ID_DIGITS

metadata: Final = MetaData()

bodies: Final = Table(
    "bodies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", LargeBinary(DIGEST_BYTES), nullable=False),
    Column("data", LargeBinary, nullable=False),  # packed JSON
    UniqueConstraint("hash", name="uq_bodies_hash"),
)

messages: Final = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", LargeBinary(DIGEST_BYTES), nullable=False),  # of parent's hash and message
    Column("parent", LargeBinary(DIGEST_BYTES)),  # hash of the message before; NULL: the first
    Column("data", LargeBinary, nullable=False),  # packed JSON, folded
    UniqueConstraint("hash", name="uq_messages_hash"),
)

traces: Final = Table(
    "traces",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("trace", String(TRACE_ID_DIGITS), nullable=False),
    Column("source", Text, nullable=False),
    Column("summary", LargeBinary, nullable=False),  # a TraceSummary
    Column("head", LargeBinary, nullable=False),  # packed: the Trace without spans, folded
    UniqueConstraint("trace", name="uq_traces_trace"),
    Index("ix_traces_source", "source"),
)

facts: Final = Table(
    "facts",
    metadata,
    Column(
        "id",
        Integer,
        ForeignKey("traces.id", name="fk_facts_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("stored_at", Float, nullable=False),
    Column("started_at", Float),
    Column("duration_s", Float),
    Column("cost_usd", Float),
    Column("outcome", Boolean),  # NULL: unknown
    Column("spans", Integer, nullable=False),
    Index("ix_facts_started_at", "started_at", "outcome"),
)

WORDS: Final = (
    "CREATE VIRTUAL TABLE trace_words USING "
    "fts5(terms, content='', columnsize=0, detail='none', tokenize='ascii')"
)
event.listen(metadata, "after_create", DDL(WORDS))  # type: ignore[no-untyped-call]  # untyped there

spans: Final = Table(
    "spans",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "trace",
        Integer,
        ForeignKey("traces.id", name="fk_spans_trace", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("span", LargeBinary(SPAN_ID_DIGITS // 2), nullable=False),
    Column("data", LargeBinary, nullable=False),  # packed: the Span, folded, id left out
    UniqueConstraint("trace", "span", name="uq_spans_trace_span"),
)

runs: Final = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", Text, nullable=False),
    Column("suite", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("data", LargeBinary, nullable=False),  # the Run
    UniqueConstraint("run", name="uq_runs_run"),
    Index("ix_runs_started_at", "started_at"),
    Index("ix_runs_suite", "suite", "started_at"),
)

trials: Final = Table(
    "trials",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "run",
        Integer,
        ForeignKey("runs.id", name="fk_trials_run", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("case_id", Text, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("trace", String(TRACE_ID_DIGITS)),
    Column("data", LargeBinary, nullable=False),  # the Trial without its trace
    UniqueConstraint("run", "case_id", "repeat", name="uq_trials_run_case_repeat"),
    Index("ix_trials_verdict", "run", "verdict"),
    Index("ix_trials_trace", "trace", sqlite_where=text("trace IS NOT NULL")),
)

readings: Final = Table(
    "readings",
    metadata,
    Column(
        "trial",
        Integer,
        ForeignKey("trials.id", name="fk_readings_trial", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("grader", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("options", Text, nullable=False),
    Column("required", Boolean, nullable=False),
    Column("passed", Boolean),  # NULL: unmeasured
    Column("score", Float),
    Column("data", LargeBinary, nullable=False),  # the TrialReading
    sqlite_with_rowid=False,
)

gradings: Final = Table(
    "gradings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "run",
        Integer,
        ForeignKey("runs.id", name="fk_gradings_run", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("number", Integer, nullable=False),
    Column("finished_at", Float),  # NULL: under way
    Column("data", LargeBinary, nullable=False),  # the Grading as it began
    UniqueConstraint("run", "number", name="uq_gradings_run_number"),
)

graded_trials: Final = Table(
    "graded_trials",
    metadata,
    Column(
        "trial",
        Integer,
        ForeignKey("trials.id", name="fk_graded_trials_trial", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "grading",
        Integer,
        ForeignKey("gradings.id", name="fk_graded_trials_grading", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("verdict", Text, nullable=False),
    Index("ix_graded_trials_verdict", "grading", "verdict"),
    sqlite_with_rowid=False,
)

graded_readings: Final = Table(
    "graded_readings",
    metadata,
    Column("trial", Integer, primary_key=True, autoincrement=False),
    Column("grading", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("grader", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("options", Text, nullable=False),
    Column("required", Boolean, nullable=False),
    Column("passed", Boolean),  # NULL: unmeasured
    Column("score", Float),
    Column("data", LargeBinary, nullable=False),  # the TrialReading
    ForeignKeyConstraint(
        ["trial", "grading"],
        ["graded_trials.trial", "graded_trials.grading"],
        name="fk_graded_readings_trial",
        ondelete="CASCADE",
    ),
    sqlite_with_rowid=False,
)

labels: Final = Table(
    "labels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("label", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("annotator", Text, nullable=False),
    Column("trace", String(TRACE_ID_DIGITS)),
    Column("data", LargeBinary, nullable=False),  # the Label
    UniqueConstraint("label", name="uq_labels_label"),
    Index("ix_labels_question", "question", "domain"),
    Index("ix_labels_domain", "domain"),
    Index("ix_labels_item", "item"),
    Index("ix_labels_trace", "trace", sqlite_where=text("trace IS NOT NULL")),
)

calibrations: Final = Table(
    "calibrations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("calibration", Text, nullable=False),
    Column("instrument", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("data", LargeBinary, nullable=False),  # the Calibration
    UniqueConstraint("calibration", name="uq_calibrations_calibration"),
    Index("ix_calibrations_instrument", "instrument", "domain", "at"),
)

judgements: Final = Table(
    "judgements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),  # packed: the Judgement
    UniqueConstraint("key", name="uq_judgements_key"),
)

baselines: Final = Table(
    "baselines",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("pinned_at", Float, nullable=False),
    Column("note", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),  # the Baseline
    UniqueConstraint("name", "pinned_at", "run", "note", name="uq_baselines_pin"),
)

findings: Final = Table(
    "findings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("finding", Text, nullable=False),
    Column("trace", String(TRACE_ID_DIGITS), nullable=False),
    Column("run", Text),
    Column("kind", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),  # the Finding
    UniqueConstraint("finding", name="uq_findings_finding"),
    Index("ix_findings_trace", "trace"),
    Index("ix_findings_run", "run"),
    Index("ix_findings_kind", "kind", "trace"),
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),  # the ApiKey
    UniqueConstraint("key", name="uq_api_keys_key"),
)

revisions: Final = Table(
    "alembic_version",
    MetaData(),  # Alembic's own table, made by hand when a store is new
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
