"""Graders: each reads one trial and reports a grade, or that it could not look.

A grader of your own needs only the names below: a function under `as_grader`, or a frozen,
keyword-only dataclass with `name`, `version` and `grade`. It is offered under the entry-point
group ``roadworthy.graders``.
"""

from roadworthy.grade.function_grader import as_grader
from roadworthy.grade.grader import Grader
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.records.trial import Trial

__all__ = ["Cause", "Grade", "Grader", "Reading", "Trial", "Unmeasured", "as_grader"]
