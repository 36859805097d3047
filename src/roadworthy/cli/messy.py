"""`roadworthy case messy`: hard cases from a clean one."""

import asyncio
from typing import TYPE_CHECKING

import click

from roadworthy.app.app import App
from roadworthy.cli.options import with_app
from roadworthy.cli.output import emit_json, say, tell

if TYPE_CHECKING:
    from roadworthy.app.messy import VariantLine


@click.command()
@click.argument("name", metavar="CASE")
@click.option(
    "--ops",
    required=True,
    metavar="NAMES",
    help="Operators by name, with commas between, applied in this order; `all` is every one.",
)
@click.option("--each", is_flag=True, help="A variant for each operator, not one with all of them.")
@click.option(
    "--seed", type=int, default=0, show_default=True, metavar="N", help="Another one, other chance."
)
@click.option(
    "--intensity",
    type=click.Choice(["light", "medium", "heavy"]),
    default="medium",
    show_default=True,
    help="How much messier.",
)
@click.option("--suite", metavar="NAME", help="Where to look, when several suites have CASE.")
@click.option(
    "--paraphrase-with",
    metavar="JUDGE",
    help="Let the model of this judge, from the settings, write the paraphrase.",
)
@click.option("--dry-run", is_flag=True, help="Show the variants, write none.")
@click.option("--force", is_flag=True, help="Make variants again that a person has changed.")
@with_app
def messy(
    name: str,
    *,
    app: App,
    as_json: bool,
    ops: str,
    each: bool,
    seed: int,
    intensity: str,
    suite: str | None,
    paraphrase_with: str | None,
    dry_run: bool,
    force: bool,
) -> int:
    """Derive messy variants of CASE: its files cases/CASE--OPERATOR.yaml, with `parent: CASE`.

    Ids, numbers, dates, addresses, names and quoted text stay as they are. Exit 1 when some
    variant could not be made, 2 when none could.
    """
    from roadworthy.app.messy import MessyRequest, make_variants  # noqa: PLC0415 - YAML parser
    from roadworthy.suite.messy.variant import Intensity  # noqa: PLC0415 - the same

    request = MessyRequest(
        case=name,
        ops=[op.strip() for op in ops.split(",") if op.strip()],
        suite=suite,
        each=each,
        seed=seed,
        intensity=Intensity(intensity),
        dry_run=dry_run,
        force=force,
        paraphrase_with=paraphrase_with,
    )
    report = asyncio.run(make_variants(app, request))
    if as_json:
        emit_json(report)
    else:
        for line in report.variants:
            _print(line, dry_run=dry_run)
    if report.refused == 0:
        return 0
    return 1 if report.refused < len(report.variants) else 2


def _print(line: "VariantLine", *, dry_run: bool) -> None:
    """What became of one variant; in a dry run also what would be written."""
    if line.why is not None:
        say(f"{line.case}: {line.why}" + (f" (hint: {line.hint})" if line.hint else ""))
        return
    drafted = "; its expectations are a draft" if line.effect == "changes" else ""
    would = "would be " if dry_run and line.state != "unchanged" else ""
    tell(f"{would}{line.state} {line.path}{drafted}")
    if dry_run and line.text is not None:
        for text in line.text.splitlines():
            tell(f"  {text}")
