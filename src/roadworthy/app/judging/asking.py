"""A judge that asks its model, keeps what was said, and never asks the same question twice.

But for a model that has changed: its answers of before are another model's.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter
from weakref import WeakValueDictionary

from msgspec.structs import replace

from roadworthy.app.judging.budget import OverBudget
from roadworthy.app.judging.tries import Tries
from roadworthy.base.clock import Clock
from roadworthy.base.codec import canonical
from roadworthy.base.ids import hex_digest
from roadworthy.grade.judge.answer_form import Position
from roadworthy.grade.judge.instrument import rubric_digest
from roadworthy.grade.judge.judge import Answer, ModelUnavailable
from roadworthy.grade.judge.material import Material
from roadworthy.grade.judge.prompt import Prompt, prompt_for
from roadworthy.grade.judge.read_answer import UnreadableAnswer, read_answer, storable
from roadworthy.records.judgement import Judgement, Unread
from roadworthy.records.rubric import Rubric
from roadworthy.records.usage import Usage
from roadworthy.store.judging_ports import JudgementStore

RAW_KEPT = 20_000
"""Characters of an answer that are stored word for word."""

_FREE = Usage(input_tokens=0, output_tokens=0, cost_usd=0.0)


@dataclass(slots=True, kw_only=True)
class Book:
    """What judges said before. The store is asked in a thread of its own, not in the loop's."""

    store: JudgementStore
    thread: ThreadPoolExecutor

    async def find(self, key: str) -> Judgement | None:
        """The judgement of `key`, if it is known."""
        loop = asyncio.get_running_loop()
        return (await loop.run_in_executor(self.thread, self.store.of, [key])).get(key)

    async def keep(self, key: str, judgement: Judgement) -> None:
        """Keep what can be used again."""
        if judgement.unread in (None, Unread.UNREADABLE):
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self.thread, self.store.put, key, judgement)


@dataclass(slots=True, kw_only=True)
class AskingJudge:
    """A `Judge`: looks in the book, else asks. What is from before `drifted_at` is not in it."""

    tries: Tries
    book: Book
    clock: Clock
    drifted_at: float | None = None  # seconds since 1970, UTC; `None`: the model never drifted
    _asking: "WeakValueDictionary[str, asyncio.Lock]" = field(
        init=False, default_factory=WeakValueDictionary
    )

    @property
    def model(self) -> str:
        """``provider:model``."""
        return self.tries.model.model

    async def judge(
        self,
        rubric: Rubric,
        material: Material,
        number: int,
        position: Position | None = None,
    ) -> Judgement:
        """Pass `number` over `material`, from the book where it is there: then it cost nothing."""
        prompt = prompt_for(rubric, material, position)
        key = judgement_key(self.tries.model.identity, prompt, number, drifted_at=self.drifted_at)
        lock = self._asking.setdefault(key, asyncio.Lock())
        async with lock:
            known = await self.book.find(key)
            if known is not None:
                return replace(known, rubric=rubric_digest(rubric), usage=_FREE)
            blank = _Blank(model=self.model, rubric=rubric_digest(rubric), number=number)
            judgement = await self._asked(blank, prompt, rubric, material, position)
            await self.book.keep(key, judgement)
        return judgement

    async def _asked(
        self,
        blank: "_Blank",
        prompt: Prompt,
        rubric: Rubric,
        material: Material,
        position: Position | None,
    ) -> Judgement:
        asked_at, begun = self.clock().timestamp(), perf_counter()
        try:
            answer = await self.tries.answer(prompt)
        except ModelUnavailable as error:
            return blank.unread(Unread.UNAVAILABLE, error.message, at=asked_at)
        except OverBudget as error:
            return blank.unread(Unread.OVER_BUDGET, error.message, at=asked_at)
        took = perf_counter() - begun
        read = _read(blank, answer, rubric, material, position)
        return replace(read, usage=answer.usage, latency_s=took, asked_at=asked_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blank:
    """A pass before anything is known of it."""

    model: str
    rubric: str
    number: int

    def unread(
        self, unread: Unread, why: str, *, raw: str = "", at: float | None = None
    ) -> Judgement:
        return Judgement(
            model=self.model,
            rubric=self.rubric,
            number=self.number,
            unread=unread,
            why=why,
            raw=raw,
            asked_at=at,
        )


def judgement_key(
    identity: str, prompt: Prompt, number: int, *, drifted_at: float | None = None
) -> str:
    """32 hex digits over the model with its settings, every word put to it, and the pass.

    And over its last drift, where there was one: no answer of before has a key of after.
    """
    epoch = [] if drifted_at is None else [drifted_at]
    return hex_digest(canonical([identity, prompt.system, prompt.user, number, *epoch]))


def _read(
    blank: _Blank,
    answer: Answer,
    rubric: Rubric,
    material: Material,
    position: Position | None,
) -> Judgement:
    raw = storable(answer.text[:RAW_KEPT])
    if answer.refused:
        return blank.unread(Unread.REFUSED, "the judge declined to judge", raw=raw)
    try:
        scores = read_answer(answer.text, rubric, material, position)
    except UnreadableAnswer as error:
        unread = Unread.REFUSED if error.refused else Unread.UNREADABLE
        return blank.unread(unread, error.why, raw=raw)
    return Judgement(
        model=blank.model, rubric=blank.rubric, number=blank.number, scores=scores, raw=raw
    )
