"""Asking a model until it answers or there is no point: deadlines, pauses, how many at once.

A request has a deadline. What may go well next time is tried again after a pause that doubles
and is scattered; where the provider says how long to wait (429 with `Retry-After`), nobody asks
that judge before. What cannot go well, such as a refused key, is not asked twice in a run.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Final

from roadworthy.app.judging.budget import JudgeBudget
from roadworthy.grade.judge.judge import Answer, JudgeModel, ModelUnavailable
from roadworthy.grade.judge.prompt import Prompt
from roadworthy.records.usage import Usage
from roadworthy.run.pricing import Price

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 60.0
"""A provider that asks for a longer wait is taken as not there."""

_MILLION: Final = 1_000_000

Sleep = Callable[[float], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Tries:
    """How one judge's model is asked."""

    model: JudgeModel
    budget: JudgeBudget
    rng: Random
    timeout_s: float
    max_tries: int
    concurrency: int
    thread: ThreadPoolExecutor
    price: Price | None = None
    sleep: Sleep = asyncio.sleep
    _places: asyncio.Semaphore = field(init=False)
    _not_before: float = field(init=False, default=0.0)
    _lasting: ModelUnavailable | None = field(init=False, default=None)
    _opening: asyncio.Future[None] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.concurrency)

    async def answer(self, prompt: Prompt) -> Answer:
        """An answer with what it cost.

        Raises:
            ModelUnavailable: there was none, try after try.
            OverBudget: asking would have passed the limit.
        """
        await self._open()
        for tried in range(1, self.max_tries + 1):
            try:
                async with self._places:
                    return await self._once(prompt)
            except ModelUnavailable as error:
                if not error.again or tried == self.max_tries:
                    raise
                await self._pause(error, tried)
        raise AssertionError("the last try returns or raises")

    async def _open(self) -> None:
        """Once, before any deadline begins, and beside the loop: agents are running in it."""
        if self._opening is None:
            loop = asyncio.get_running_loop()
            self._opening = loop.run_in_executor(self.thread, self.model.open)
        await asyncio.shield(self._opening)

    async def _once(self, prompt: Prompt) -> Answer:
        if self._lasting is not None:
            raise ModelUnavailable(self._lasting.message, lasting=True)
        if (wait_s := self._not_before - monotonic()) > 0:
            await self.sleep(wait_s)
        await self.budget.reserve()
        try:
            async with asyncio.timeout(self.timeout_s):
                answer = await self.model.answer(prompt)
        except TimeoutError:
            self.budget.lose(was_billed=True)
            why = f"no answer within {self.timeout_s:g} s"
            raise ModelUnavailable(why, again=True, was_billed=True) from None
        except ModelUnavailable as error:
            self.budget.lose(was_billed=error.was_billed)
            if error.lasting:
                self._lasting = error
            raise
        except BaseException:
            self.budget.lose(was_billed=True)
            raise
        priced = _priced(answer, self.price)
        self.budget.settle(priced.usage)
        return priced

    async def _pause(self, error: ModelUnavailable, tried: int) -> None:
        if error.wait_s is None:
            scattered = 0.5 + self.rng.random()
            await self.sleep(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (tried - 1) * scattered))
            return
        if error.wait_s > LONGEST_PAUSE_S:
            raise error
        self._not_before = max(self._not_before, monotonic() + error.wait_s)


def _priced(answer: Answer, price: Price | None) -> Answer:
    used = answer.usage
    if price is None or used.input_tokens is None or used.output_tokens is None:
        return answer
    cost = (used.input_tokens * price.input + used.output_tokens * price.output) / _MILLION
    usage = Usage(input_tokens=used.input_tokens, output_tokens=used.output_tokens, cost_usd=cost)
    return Answer(text=answer.text, usage=usage, refused=answer.refused)
