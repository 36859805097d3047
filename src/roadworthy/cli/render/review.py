"""An item to label, and how annotators agree, on a terminal."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from roadworthy.app.reviewing.agreement import AnnotatorCount, PairAgreement, QuestionAgreement
from roadworthy.app.reviewing.view import ItemView, QuestionView, StepView
from roadworthy.base.codec import Json
from roadworthy.cli.render.conversation import as_text
from roadworthy.cli.render.table import line, print_table, stdout
from roadworthy.records.decision import Rate

WIDTH = 10
FOLD = 4000  # characters of one text


def print_item(item: ItemView) -> None:
    """What happened, the answer, and the question to it."""
    stdout().print(line(("item ", "dim"), (item.item, "bold")))
    if not item.input_is_told:
        _row("asked", as_text(item.input))
    for step in item.steps:
        _step(step)
    if item.steps_left_out:
        _row("", f"… and {item.steps_left_out:,} more steps")
    for name, value in (("policy", item.policy), ("expected", item.expected)):
        if value is not None:
            _row(name, as_text(value), "bold magenta")
    _row("answer", as_text(item.answer), "bold green")
    _question(item.question)


def _step(step: StepView) -> None:
    if step.kind == "said":
        _row(step.role, step.text, "bold cyan" if step.role == "user" else "bold")
        return
    _row("→", f"{step.tool}({as_text(step.arguments)})", "dim")
    _row("←", _reply(step.result, step.error), "dim")


def _reply(result: Json, error: str | None) -> str:
    return as_text(result) if error is None else f"error: {error}"


def _question(question: QuestionView) -> None:
    stdout().print(line(("question ", "dim"), (question.name, "bold")))
    for one in question.criteria:
        required = " (required)" if one.required else ""
        _row("", f"{one.name}{required}: {one.question}")
        for place, anchor in enumerate(one.anchors, start=1):
            _row(str(place), anchor, "dim")
    _row("", f"An answer passes from {question.pass_mark:g} of 1 on.")


def _row(label: str, text: str, style: str = "bold") -> None:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=WIDTH, justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    shown = text if len(text) <= FOLD else f"{text[:FOLD]}… ({len(text):,} characters)"
    body = Text("\n").join(line(part) for part in shown.split("\n"))
    grid.add_row(line((label[:WIDTH], style)), body)
    stdout().print(grid)


def print_agreement(found: Sequence[QuestionAgreement]) -> None:
    """One block for each question and domain."""
    for one in found:
        where = f" on {one.domain}" if one.domain else ""
        head = f"{one.items:,} items, {one.drawn_at_random:,} of them drawn at random"
        stdout().print(line((f"{one.question}{where}", "bold"), f"  {head}"))
        if one.made_by_model:
            stdout().print(line(f"{one.made_by_model:,} labels made by a model do not count"))
        if one.annotators:
            print_table(["annotator", ">labelled", ">skipped", "said"], _people(one.annotators))
        if one.pairs:
            print_table(
                ["pair", ">items", "agree", "Cohen's kappa", ""], [_pair(p) for p in one.pairs]
            )
        alpha = f"Krippendorff's alpha {_shown(one.alpha)}"
        stdout().print(line(alpha, f"  {one.note}" if one.note else ""))


def _people(annotators: Sequence[AnnotatorCount]) -> list[list[str]]:
    return [
        [
            one.annotator,
            f"{one.labelled:,}",
            f"{one.skipped:,}",
            ", ".join(f"{value} {count}" for value, count in one.values.items()),
        ]
        for one in annotators
    ]


def _pair(one: PairAgreement) -> list[str]:
    who = f"{one.first}, {one.second}"
    return [who, str(one.items), _shown(one.agreement), _shown(one.kappa), one.note]


def _shown(rate: Rate | None) -> str:
    """A number with its interval; what is not known is said so."""
    if rate is None or rate.value is None:
        return "unmeasured"
    return f"{rate.value:.2f} ({rate.low:.2f} to {rate.high:.2f})"
