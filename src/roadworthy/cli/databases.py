"""`roadworthy db`: the store itself."""

import click
import msgspec

from roadworthy.app.app import App
from roadworthy.cli.options import with_app
from roadworthy.cli.output import emit_json, say, tell
from roadworthy.cli.value_types import Percent
from roadworthy.gate.wording import counted

MEGABYTE = 1_000_000


@click.group()
def db() -> None:
    """The store: its size, bringing it up to date, and deleting old traces."""


@db.command()
@with_app
def stats(*, app: App, as_json: bool) -> None:
    """Show where the store is, its size and its row counts."""
    from roadworthy.app.database import store_stats  # noqa: PLC0415 - loads the store

    found = store_stats(app)
    if as_json:
        emit_json(msgspec.to_builtins(found))
        return
    from roadworthy.cli.render.table import print_table  # noqa: PLC0415 - not for --json

    tell(f"{found.location}  {found.bytes / MEGABYTE:,.1f} MB, schema {found.schema}")
    print_table(["table", ">rows"], [[name, f"{count:,}"] for name, count in found.rows.items()])


@db.command()
@with_app
def upgrade(*, app: App, as_json: bool) -> None:
    """Bring the store's schema up to date. Harmless when it is."""
    from roadworthy.app.database import upgrade_store  # noqa: PLC0415 - loads migrations

    done = upgrade_store(app)
    if as_json:
        emit_json({"store": app.store_location, "before": done.before, "schema": done.after})
    elif done.before == done.after:
        tell(f"{app.store_location} is up to date (schema {done.after})")
    else:
        tell(f"{app.store_location}: {done.before or 'empty'} → {done.after}")


@db.command()
@click.option(
    "--older-than",
    "older_than_days",
    type=click.FloatRange(0, 36_500),
    metavar="DAYS",
    help="Traces that started longer ago may go.",
)
@click.option(
    "--keep-mb",
    type=click.IntRange(0),
    metavar="MB",
    help="The oldest go until the store is about this small.",
)
@click.option(
    "--keep-share",
    type=Percent(),
    default="0",
    metavar="PERCENT",
    help="Of those that may go, keep this share, chosen by trace id.",
)
@click.option("--dry-run", is_flag=True, help="Count, and delete nothing.")
@with_app
def prune(
    *,
    app: App,
    as_json: bool,
    older_than_days: float | None,
    keep_mb: int | None,
    keep_share: float,
    dry_run: bool,
) -> None:
    """Delete old traces. What a trial, a finding or a case refers to is kept."""
    from roadworthy.app.prune import prune as prune_traces  # noqa: PLC0415 - loads the store

    done = prune_traces(
        app,
        older_than_days=older_than_days,
        keep_bytes=None if keep_mb is None else keep_mb * MEGABYTE,
        keep_share=keep_share,
        dry_run=dry_run,
    )
    if as_json:
        emit_json(done)
        return
    what = "would delete" if dry_run else "deleted"
    size = f"{done.bytes_before / MEGABYTE:,.1f} MB"
    after = "" if dry_run else f", {size} → {done.bytes_after / MEGABYTE:,.1f} MB"
    tell(f"{what} {counted(done.traces, 'trace')}{after}")
    if done.kept:
        named = f", {done.kept_for_cases} of which cases name" if done.kept_for_cases else ""
        shared = ", or are in the share to keep" if keep_share else ""
        say(
            f"kept {counted(done.kept, 'trace')}{named}: they are newer or within the size, "
            f"or a trial, a finding, a label or a case refers to them{shared}"
        )
