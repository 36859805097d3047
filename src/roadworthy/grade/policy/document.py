"""Whether what the agent retrieved was the right version, new enough, and not a stale copy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from roadworthy.base.codec import Json
from roadworthy.grade.call_identity import call_identity
from roadworthy.grade.policy.check import Breach, Gap, PolicyCheck, Sight
from roadworthy.grade.policy.events import Called
from roadworthy.grade.policy.json_path import path_problem, values_at
from roadworthy.grade.policy.moment import seconds_of
from roadworthy.grade.policy.reference import resolved
from roadworthy.grade.policy.scene import Scene
from roadworthy.grade.policy.terms import hold, term_problems, unmet
from roadworthy.grade.policy.text_search import found_in
from roadworthy.grade.policy.tool_names import Tools, in_words, names_tool
from roadworthy.grade.regex import pattern_problem
from roadworthy.records import semconv
from roadworthy.records.grader_spec import OptionProblem
from roadworthy.records.span import SpanId
from roadworthy.records.trajectory import ToolCall


@dataclass(frozen=True, slots=True)
class _Retrieved:
    place: int  # among the events; a retrieval that is no tool call stands before all of them
    span: SpanId
    result: Json
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCheck(PolicyCheck):
    """What `tool` retrieves, or without it what retrieval spans hold, meets `result` and is young.

    `result` are terms on the retrieved (``{version: "2026-05"}``). `dated` is the path of its date
    and `max_age_s` how old that may be at `now` (a time, ``{$fact: …}`` or ``{$attribute: …}``;
    else when the trial started). With `before`, a call of those tools needs a retrieval before it,
    and the last one before it counts; without, every retrieval does.
    """

    tool: Tools | None = None
    result: dict[str, Json] = field(default_factory=dict)
    dated: str | None = None
    max_age_s: float | None = None
    now: Json = None
    before: Tools | None = None
    name: ClassVar[str] = "policy.document"

    def problems(self) -> Iterator[OptionProblem]:
        """No rule, half a rule, or terms that cannot be read."""
        if not self.result and self.max_age_s is None and self.before is None:
            hint = "known: result, dated with max_age_s, before"
            yield OptionProblem(place="", message="sets no rule", hint=hint)
        if (self.dated is None) is not (self.max_age_s is None):
            yield OptionProblem(place="dated", message="dated and max_age_s are given together")
        if self.max_age_s is not None and self.max_age_s < 0:
            yield OptionProblem(place="max_age_s", message=f"is at least 0, got {self.max_age_s}")
        if self.dated is not None and (wrong := path_problem(self.dated)) is not None:
            yield OptionProblem(place="dated", message=wrong)
        yield from term_problems(self.result, "result")

    def look(self, scene: Scene) -> Iterator[Sight]:
        """Look at each retrieval that counts."""
        retrieved = list(self._retrieved(scene))
        if self.before is None:
            if not retrieved:
                yield Gap("nothing was retrieved, as far as the trace tells")
            for one in retrieved:
                yield from self._sights(scene, one, ())
            return
        for place, call in scene.calls:
            if not names_tool(self.before, call.tool):
                continue
            earlier = [one for one in retrieved if one.place < place]
            if earlier:
                yield from self._sights(scene, earlier[-1], (call.span,))
            else:
                yield Breach(f"{call.tool} was called and nothing retrieved before", (call.span,))

    def _retrieved(self, scene: Scene) -> Iterator[_Retrieved]:
        if self.tool is None:
            for span in scene.trace.spans:
                if span.attributes.get(semconv.OPERATION) == semconv.RETRIEVAL:
                    result = span.attributes.get(semconv.RETRIEVAL_DOCUMENTS)
                    yield _Retrieved(scene.place_of(span), span.id, result, "what was retrieved")
            return
        for place, call in scene.calls:
            if names_tool(self.tool, call.tool) and call.error is None:
                yield _Retrieved(place, call.span, call.result, f"what {call.tool} returned")

    def _sights(self, scene: Scene, one: _Retrieved, used: tuple[SpanId, ...]) -> Iterator[Sight]:
        spans = (one.span, *used)
        at = self.at(scene, one.place)
        missed = unmet(self.result, one.result, at, absent=None)
        if missed is not None:
            kind = Gap if missed.truth is None else Breach
            yield kind(f"{one.what}: {missed.why}", spans)
        if self.max_age_s is not None:
            yield from self._age(scene, one, spans, self.max_age_s)

    def _age(
        self, scene: Scene, one: _Retrieved, spans: tuple[SpanId, ...], most: float
    ) -> Iterator[Sight]:
        given, _ = resolved(self.now, self.at(scene, one.place))
        now = seconds_of(scene.trial.started_at if self.now is None else given)
        dates = [seconds_of(value) for value in values_at(one.result, self.dated or "")]
        known = [date for date in dates if date is not None]
        if now is None or not known or len(known) < len(dates):
            yield Gap(f"the age of {one.what} is not known", spans)
        elif (age := now - min(known)) > most:
            yield Breach(f"{one.what} is {age:.0f} s old, at most {most:.0f} allowed", spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedCheck(PolicyCheck):
    """A result of `tool` that `when` marks as cached is not used as if it were fresh.

    It is used when a tool of `before` is called, or, without `before`, when the agent answers the
    user. Right is to fetch again first (the same call, with a result that is not marked), or to
    say so: `said` is a pattern of the words that disclose it.
    """

    tool: Tools
    when: dict[str, Json]
    before: Tools | None = None
    said: str | None = None
    name: ClassVar[str] = "policy.cached"

    def problems(self) -> Iterator[OptionProblem]:
        """Terms or a pattern that cannot be read."""
        if not self.when:
            yield OptionProblem(place="when", message="marks nothing as cached")
        yield from term_problems(self.when, "when")
        if self.said is not None and (wrong := pattern_problem(self.said)) is not None:
            yield OptionProblem(place="said", message=wrong)

    def look(self, scene: Scene) -> Iterator[Sight]:
        """Follow each cached result to where it is used."""
        fetched = [
            (place, call, hold(self.when, call.result, self.at(scene, place), absent=None))
            for place, call in scene.calls
            if names_tool(self.tool, call.tool) and call.error is None
        ]
        for number, (place, call, cached) in enumerate(fetched):
            if cached is None:
                yield Gap(f"whether {call.tool} returned cached data is not known", (call.span,))
            elif cached:
                until = _fresh(fetched[number + 1 :], call, len(scene.events))
                yield from self._used(scene, call, place, until)

    def _used(self, scene: Scene, call: ToolCall, place: int, until: int) -> Iterator[Sight]:
        if self.before is None and not scene.told:
            yield Gap("it is not told what the agent said after the cached data", (call.span,))
            return
        answers = [said for _, said in scene.spoken("assistant", place, until)]
        if self.said is not None and any(found_in(self.said, [said.text for said in answers])):
            return
        if self.before is None:
            for said in answers[:1]:
                why = f"the agent answered from cached data of {call.tool} as if it were fresh"
                yield Breach(why, (call.span, said.span))
            return
        for event in scene.events[place:until]:
            if isinstance(event, Called) and names_tool(self.before, event.call.tool):
                why = f"{event.call.tool} was called on cached data of {in_words(call.tool)}"
                yield Breach(why, (call.span, event.call.span))


def _fresh(later: Sequence[tuple[int, ToolCall, bool | None]], call: ToolCall, end: int) -> int:
    """Where the same was fetched again and came back fresh, else the end."""
    mine = call_identity(call)
    return next(
        (at for at, one, is_old in later if is_old is False and call_identity(one) == mine), end
    )
