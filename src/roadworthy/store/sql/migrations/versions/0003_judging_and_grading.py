"""Later gradings of trials beside the first; labels, calibrations and judgements.

Trials and readings stay as they are: what they hold is grading 0.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and indexes."""
    _gradings()
    _graded()
    _labels()
    _judges()


def _gradings() -> None:
    run = sa.ForeignKey("runs.id", name="fk_gradings_run", ondelete="CASCADE")
    op.create_table(
        "gradings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run", sa.Integer, run, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("finished_at", sa.Float),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("run", "number", name="uq_gradings_run_number"),
    )


def _graded() -> None:
    grading = sa.ForeignKey("gradings.id", name="fk_graded_trials_grading", ondelete="CASCADE")
    trial = sa.ForeignKey("trials.id", name="fk_graded_trials_trial", ondelete="CASCADE")
    op.create_table(
        "graded_trials",
        sa.Column("trial", sa.Integer, trial, primary_key=True, autoincrement=False),
        sa.Column("grading", sa.Integer, grading, primary_key=True, autoincrement=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_graded_trials_verdict", "graded_trials", ["grading", "verdict"])
    op.create_table(
        "graded_readings",
        sa.Column("trial", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("grading", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("grader", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("required", sa.Boolean, nullable=False),
        sa.Column("passed", sa.Boolean),
        sa.Column("score", sa.Float),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["trial", "grading"],
            ["graded_trials.trial", "graded_trials.grading"],
            name="fk_graded_readings_trial",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )


def _labels() -> None:
    op.create_table(
        "labels",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("annotator", sa.Text, nullable=False),
        sa.Column("trace", sa.String(32)),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("label", name="uq_labels_label"),
    )
    op.create_index("ix_labels_question", "labels", ["question", "domain"])
    op.create_index("ix_labels_domain", "labels", ["domain"])
    op.create_index("ix_labels_item", "labels", ["item"])
    op.create_index(
        "ix_labels_trace", "labels", ["trace"], sqlite_where=sa.text("trace IS NOT NULL")
    )


def _judges() -> None:
    op.create_table(
        "calibrations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("calibration", sa.Text, nullable=False),
        sa.Column("instrument", sa.Text, nullable=False),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("calibration", name="uq_calibrations_calibration"),
    )
    op.create_index("ix_calibrations_instrument", "calibrations", ["instrument", "domain", "at"])
    op.create_table(
        "judgements",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("key", name="uq_judgements_key"),
    )
