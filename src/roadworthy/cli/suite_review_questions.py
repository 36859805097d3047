"""Asking a person, on a terminal, which cases to retire. No answer is a no."""

import sys
from collections.abc import Sequence

import click

from roadworthy.app.app import App
from roadworthy.app.suite_review_list import ReviewList, listed_case, plan_retirements
from roadworthy.base.printable import printable
from roadworthy.cli.output import say
from roadworthy.cli.render.suite_review import print_retired
from roadworthy.gate.spring_cleaning.proposal import Advice, SuiteReview
from roadworthy.gate.wording import counted, names


def confirmed(suite: str, cases: Sequence[str]) -> bool:
    """Whether the person on the terminal says yes to all of these.

    Raises:
        UsageError: nobody can be asked.
    """
    if not sys.stdin.isatty():
        raise click.UsageError("nobody can be asked here; --yes says that the list was read")
    what = f"retire {counted(len(cases), 'case')} of {printable(suite, limit=80)}: {names(cases)}?"
    return click.confirm(what, default=False, err=True)


def ask_and_retire(app: App, review: SuiteReview) -> None:
    """Ask for each case that the review would retire, then retire those with a yes."""
    proposed = [one for one in review.cases if one.advice is Advice.RETIRE]
    if not proposed:
        say("no case to retire")
        return
    chosen = [
        listed_case(one)
        for one in proposed
        if click.confirm(f"retire {printable(one.case, limit=80)}?", default=False, err=True)
    ]
    if not chosen:
        say("nothing was changed")
        return
    planned = plan_retirements(app, ReviewList(suite=review.suite, retire=chosen))
    print_retired(planned.write())
