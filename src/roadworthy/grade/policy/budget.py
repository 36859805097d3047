"""Limits on money, time, tokens and steps of one trial."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from roadworthy.base.codec import Json
from roadworthy.grade.policy.check import Breach, Gap, PolicyCheck, Sight
from roadworthy.grade.policy.scene import Scene
from roadworthy.records import semconv
from roadworthy.records.grader_spec import OptionProblem
from roadworthy.records.model_calls import model_calls
from roadworthy.records.span import Span, SpanId


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCheck(PolicyCheck):
    """The trial stays within every limit that is set; what is not known leaves it unmeasured."""

    max_cost_usd: float | None = None
    max_duration_s: float | None = None
    max_tokens: int | None = None
    max_calls: int | None = None
    max_model_calls: int | None = None
    name: ClassVar[str] = "policy.budget"

    def problems(self) -> Iterator[OptionProblem]:
        """No limit at all, or one below zero."""
        given = {name: getattr(self, name) for name in _LIMITS}
        limits = {name: limit for name, limit in given.items() if limit is not None}
        if not limits:
            hint = f"known: {', '.join(_LIMITS)}"
            yield OptionProblem(place="", message="sets no limit", hint=hint)
        for name, limit in limits.items():
            if limit < 0:
                yield OptionProblem(place=name, message=f"is at least 0, got {limit}")

    def look(self, scene: Scene) -> Iterator[Sight]:
        """Hold what was used against each limit; the span that went past it is named."""
        usage = scene.trial.usage
        path = scene.path.usage
        tokens = path.tokens if usage.tokens is None else usage.tokens
        cost = path.cost_usd if usage.cost_usd is None else usage.cost_usd
        seconds = scene.trial.duration_s
        if seconds is None:
            seconds = scene.trace.duration_s
        chats = _model_calls(scene)
        calls = [call.span for _, call in scene.calls]
        yield from _over("cost in USD", cost, self.max_cost_usd, _past(chats, _cost))
        yield from _over("tokens", tokens, self.max_tokens, _past(chats, _tokens))
        yield from _over("seconds", seconds, self.max_duration_s, _last(scene))
        yield from _over("tool calls", len(calls), self.max_calls, lambda n: calls[int(n)])
        made = scene.path.model_calls
        yield from _over("model calls", made, self.max_model_calls, lambda n: chats[int(n)].id)


_LIMITS = ("max_cost_usd", "max_duration_s", "max_tokens", "max_calls", "max_model_calls")


def _over(
    what: str, used: float | None, limit: float | None, span: Callable[[float], SpanId]
) -> Iterator[Sight]:
    if limit is None:
        return
    if used is None:
        yield Gap(f"{what} used are not known")
    elif used > limit:
        yield Breach(f"{what} used are {used:g}, at most {limit:g} allowed", (span(limit),))


def _model_calls(scene: Scene) -> list[Span]:
    ordered = sorted(scene.trace.spans, key=lambda span: (span.start_ns, span.end_ns))
    chats = [s for s in ordered if s.attributes.get(semconv.OPERATION) == semconv.CHAT]
    return model_calls(chats, scene.trace.spans) or ordered[:1]


def _past(spans: list[Span], amount: Callable[[Span], float]) -> Callable[[float], SpanId]:
    """The first span with which the running sum is past the limit, else the last."""

    def find(limit: float) -> SpanId:
        total = 0.0
        for span in spans:
            total += amount(span)
            if total > limit:
                return span.id
        return spans[-1].id

    return find


def _last(scene: Scene) -> Callable[[float], SpanId]:
    """The first span that ended past the limit, else the one that ended last."""

    def find(limit: float) -> SpanId:
        ordered = sorted(scene.trace.spans, key=lambda span: span.end_ns)
        began = min(span.start_ns for span in ordered)
        late = [span for span in ordered if (span.end_ns - began) / 1e9 > limit]
        return (late or ordered[-1:])[0].id

    return find


def _cost(span: Span) -> float:
    return _number(span.attributes.get(semconv.COST_USD))


def _tokens(span: Span) -> float:
    names = (semconv.INPUT_TOKENS, semconv.OUTPUT_TOKENS)
    return sum(_number(span.attributes.get(name)) for name in names)


def _number(value: Json) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
