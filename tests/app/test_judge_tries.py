"""How often, how many at once and how long a model is asked; no server, no waiting."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from roadworthy.app.judging.budget import JudgeBudget, OverBudget
from roadworthy.app.judging.tries import LONGEST_PAUSE_S, Tries
from roadworthy.grade.judge.judge import Answer, ModelUnavailable
from roadworthy.grade.judge.prompt import Prompt
from roadworthy.records.run import Budget
from roadworthy.records.usage import Usage

PROMPT = Prompt(system="s", user="u", schema={})
USED = Usage(input_tokens=1, output_tokens=0)
BUSY = ModelUnavailable("busy", again=True)


@dataclass
class FakeModel:
    """Fails as often as told, then answers; `gate` holds answers back."""

    failures: list[ModelUnavailable] = field(default_factory=list)
    gate: asyncio.Event | None = None
    usage: Usage = USED
    asked: int = 0
    under_way: int = 0
    most: int = 0
    opened: int = 0
    begun: asyncio.Queue[None] = field(default_factory=asyncio.Queue)
    model: str = "test:m"
    identity: str = "m"

    def open(self) -> None:
        self.opened += 1

    async def answer(self, prompt: Prompt) -> Answer:
        del prompt
        self.asked += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.begun.put_nowait(None)
        try:
            if self.gate is not None:
                await self.gate.wait()
            if self.failures:
                raise self.failures.pop(0)
            return Answer(text="said", usage=self.usage)
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        """Nothing to give back."""


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


def tries(model: FakeModel, thread: ThreadPoolExecutor, **given: Any) -> tuple[Tries, list[float]]:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    settings: dict[str, Any] = {
        "budget": JudgeBudget(Budget()),
        "rng": Random(1),
        "timeout_s": 60.0,
        "max_tries": 5,
        "concurrency": 3,
        "sleep": sleep,
        "thread": thread,
    }
    return Tries(model=model, **{**settings, **given}), slept


async def settled() -> None:
    """Let every task come as far as it can."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_no_more_requests_are_under_way_than_allowed(thread: ThreadPoolExecutor) -> None:
    model = FakeModel(gate=asyncio.Event())
    asking, _ = tries(model, thread, concurrency=3)
    tasks = [asyncio.create_task(asking.answer(PROMPT)) for _ in range(10)]
    for _ in range(3):
        await model.begun.get()
    await settled()
    assert model.gate is not None
    model.gate.set()
    await asyncio.gather(*tasks)

    assert (model.most, model.asked, model.opened) == (3, 10, 1)


async def test_pauses_double_and_are_scattered_up_to_a_bound(thread: ThreadPoolExecutor) -> None:
    asking, slept = tries(FakeModel(failures=[BUSY] * 11), thread, max_tries=12)

    await asking.answer(PROMPT)

    assert all(
        0.25 * 2**n <= pause <= 0.75 * 2**n or pause == LONGEST_PAUSE_S
        for n, pause in enumerate(slept)
    )
    assert slept[-1] == LONGEST_PAUSE_S


async def test_after_the_last_try_it_is_over(thread: ThreadPoolExecutor) -> None:
    model = FakeModel(failures=[BUSY] * 9)
    asking, slept = tries(model, thread, max_tries=3)

    with pytest.raises(ModelUnavailable, match="busy"):
        await asking.answer(PROMPT)

    assert (model.asked, len(slept)) == (3, 2)


async def test_a_budget_is_kept_however_many_ask_at_once(thread: ThreadPoolExecutor) -> None:
    model = FakeModel(usage=Usage(input_tokens=7, output_tokens=3))
    budget = JudgeBudget(Budget(tokens=35))
    asking, _ = tries(model, thread, budget=budget, concurrency=9)

    found = await asyncio.gather(*(asking.answer(PROMPT) for _ in range(9)), return_exceptions=True)

    assert model.asked == 3
    assert sum(isinstance(one, OverBudget) for one in found) == 6


async def test_a_request_that_is_given_up_gives_its_reservation_back(
    thread: ThreadPoolExecutor,
) -> None:
    """Else those who wait for its price would wait for ever."""
    model = FakeModel(gate=asyncio.Event())
    asking, _ = tries(model, thread, budget=JudgeBudget(Budget(tokens=100)))
    first = asyncio.create_task(asking.answer(PROMPT))
    await model.begun.get()
    second = asyncio.create_task(asking.answer(PROMPT))
    await settled()
    assert model.asked == 1, "until a price is known they go one at a time"

    first.cancel()
    assert model.gate is not None
    model.gate.set()

    assert (await second).text == "said"


async def test_a_failure_that_cost_nothing_leaves_the_budget_as_it_was(
    thread: ThreadPoolExecutor,
) -> None:
    asking, _ = tries(FakeModel(failures=[BUSY] * 4), thread, budget=JudgeBudget(Budget(tokens=1)))

    assert (await asking.answer(PROMPT)).text == "said"


async def test_what_was_spent_before_counts(thread: ThreadPoolExecutor) -> None:
    before = Usage(input_tokens=99, output_tokens=1, cost_usd=0.0)
    asking, _ = tries(FakeModel(), thread, budget=JudgeBudget(Budget(tokens=100), before=before))

    with pytest.raises(OverBudget):
        await asking.answer(PROMPT)


async def test_a_judge_that_never_answers_is_named_as_the_cause_and_not_an_empty_purse(
    thread: ThreadPoolExecutor,
) -> None:
    """Nothing is known to be spent; what may have been billed cannot be counted."""
    lost = ModelUnavailable("no answer within 2 s", again=True, was_billed=True)
    model = FakeModel(failures=[lost] * 9)
    asking, _ = tries(model, thread, budget=JudgeBudget(Budget(tokens=100)))

    with pytest.raises((ModelUnavailable, OverBudget)):
        await asking.answer(PROMPT)
    with pytest.raises(OverBudget, match="no judge has answered: 3 requests brought nothing"):
        await asking.answer(PROMPT)

    assert model.asked == 3
