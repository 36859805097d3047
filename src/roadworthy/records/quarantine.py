"""A case set aside as flaky: by whom, and until when somebody must have looked."""

from datetime import date, datetime

from roadworthy.base.errors import InvalidRecord
from roadworthy.records.record import Record


class Quarantine(Record, frozen=True, kw_only=True):
    """It does not gate while it lasts, and everybody sees that it does not.

    A case that was set aside by hand may name neither owner nor date; both are empty then.
    """

    owner: str = ""
    until: str = ""  # the day by which it is looked at again: 2026-12-24
    why: str = ""

    def __post_init__(self) -> None:
        if self.until:
            try:
                date.fromisoformat(self.until)
            except ValueError:
                raise InvalidRecord(
                    f"a day is written like 2026-12-24, got {self.until!r}"
                ) from None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the day has passed, in UTC; one without a day is never on time."""
        return not self.until or date.fromisoformat(self.until) < now.date()

    @property
    def told(self) -> str:
        """``owner ada, review by 2026-12-24``, with what is missing said."""
        owner = f"owner {self.owner}" if self.owner else "no owner"
        until = f"review by {self.until}" if self.until else "no date of review"
        return f"{owner}, {until}"
