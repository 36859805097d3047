"""Which suites have a judge that too few random labels stand against."""

from collections.abc import Iterator, Sequence
from shlex import quote

from roadworthy.app.app import App
from roadworthy.app.reviewing.questions import Questions
from roadworthy.grade.review_labels import answers
from roadworthy.grade.review_sampling import Drawn
from roadworthy.records.label import Labeller
from roadworthy.records.record import Record
from roadworthy.records.run import Run
from roadworthy.stats.corrected import LEAST_LABELS


class WaitingReview(Record, frozen=True, kw_only=True):
    """A question that a judge answers on a suite, and how many people's labels there are."""

    suite: str
    question: str
    drawn_at_random: int

    @property
    def why(self) -> str:
        """One line for a person."""
        return (
            f"{self.question}: {self.drawn_at_random} of the {LEAST_LABELS} labels drawn at random "
            "that its judge needs"
        )

    @property
    def command(self) -> str:
        """What to type."""
        suite, question = quote(self.suite), quote(self.question)
        return f"roadworthy review next --suite {suite} --question {question} --loop"


def waiting_reviews(app: App, runs: Sequence[Run]) -> Iterator[WaitingReview]:
    """Questions of these runs' judges, the newest run of each suite, that lack labels."""
    questions = Questions(app)
    newest = {run.suite: run for run in reversed(runs)}
    for suite, run in sorted(newest.items()):
        for question in questions.of_runs([run]):
            said = answers(app.store.labels.list(question=question, domain=suite))
            items = {
                label.item
                for label in said
                if label.drawn == Drawn.AUDIT and label.made_by is Labeller.HUMAN
            }
            if len(items) < LEAST_LABELS:
                yield WaitingReview(suite=suite, question=question, drawn_at_random=len(items))
