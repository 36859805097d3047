"""What asking judges may cost, reserved before a request and settled after.

The ledger is the one that keeps runs within budgets: a request may start only if what is spent,
what requests in flight have reserved and its own reservation stay within the limit; until one
has said what it used, requests go one at a time; and an unknown price is never zero.
"""

import asyncio

from roadworthy.base.errors import RoadworthyError
from roadworthy.gate.wording import counted
from roadworthy.records.run import Budget
from roadworthy.records.trial import Ending
from roadworthy.records.usage import Usage
from roadworthy.run.budget import Spending, UnknownPrice

_NOTHING = Usage(input_tokens=0, output_tokens=0, cost_usd=0.0)


class OverBudget(RoadworthyError):
    """Another request would pass the limit, or nobody can say whether it would."""


class JudgeBudget:
    """One limit on money and tokens for every judge of a run."""

    def __init__(self, limit: Budget, *, before: Usage = _NOTHING) -> None:
        self._spending = Spending(_rest(limit, before))
        self._ended = asyncio.Event()
        self._broken: str | None = None
        self._lost = 0  # requests that may have been billed and brought nothing
        self._priced = False  # whether one has said what it used

    async def reserve(self) -> None:
        """Ask for one request; waits while only one may be under way. Raises `OverBudget`."""
        while True:
            if self._broken is not None:
                raise OverBudget(self._broken)
            answer = self._spending.reserve(elapsed_s=0.0)
            if answer:
                return
            if answer is not None:
                raise OverBudget(self._why())
            self._ended.clear()
            await self._ended.wait()

    def settle(self, usage: Usage) -> None:
        """Put what a request used in the place of its reservation.

        One that does not say what it used ends the asking: no limit could be kept any more.
        """
        try:
            self._spending.settle(usage, Ending.COMPLETED)
        except UnknownPrice:
            self._broken = "a judge did not say what it used, so its budget cannot be kept"
        else:
            self._priced = True
        self._ended.set()

    def lose(self, *, was_billed: bool) -> None:
        """A request that brought nothing; one that may have been billed counts as the dearest."""
        if was_billed:
            self._lost += 1
            self._spending.settle(Usage(), Ending.INFRASTRUCTURE)
        else:
            self._spending.release()
        self._ended.set()

    def _why(self) -> str:
        """Why no other request may start."""
        if self._priced or not self._lost:
            return "the budget for judges is used up"
        requests = counted(self._lost, "request")
        return (
            f"no judge has answered: {requests} brought nothing and may have been billed, so what "
            "was spent cannot be known, and asking has stopped to keep the budget"
        )


def _rest(limit: Budget, before: Usage) -> Budget:
    """What is left of the limit after what earlier tries of the run spent."""
    cost, tokens = limit.cost_usd, limit.tokens
    return Budget(
        cost_usd=None if cost is None else max(0.0, cost - (before.cost_usd or 0.0)),
        tokens=None if tokens is None else max(0, tokens - (before.tokens or 0)),
    )
