"""What a case asks for, one plain line for each grader.

Options come from files and packages and may have any shape: what is not as it should be is left
out of the line. The options themselves stand beside it. Pure.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from roadworthy.base.codec import Json
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.server.text import brief, gist

_MOST: Final = 5  # things named before the rest is counted
_LONGEST: Final = 90  # characters of a value within the line
_DEEPEST: Final = 3  # graders within graders

Options: TypeAlias = Mapping[str, Json]


def in_words(spec: GraderSpec) -> str:
    """What the grader holds an agent to: ``Its output contains “silver”.``."""
    words = _words(spec.grader, spec.options, 0)
    return words[:1].upper() + words[1:] + "."


def _words(grader: str, options: Options, depth: int) -> str:
    name, _, label = grader.partition(":")
    if depth <= _DEEPEST and name in _NESTED:
        return _NESTED[name](options, depth)
    if name in _PLAIN:
        return _PLAIN[name](options)
    rule = name.removeprefix("policy.")
    if rule != name:
        return f"it keeps the rule {label or rule}" + (f" ({rule})" if label else "")
    return f"the grader {brief(grader)} passes"


def _quoted(value: Json) -> str:
    return f"“{brief(gist(value) if value is not None else 'null', _LONGEST)}”"


def _listed(value: Json, joint: str = ", ", show: Callable[[Json], str] = _quoted) -> str:
    """The first of several values; a single one stands for a list of one."""
    items = value if isinstance(value, list) else [value]
    shown = [show(item) for item in items[:_MOST]]
    if len(items) > _MOST:
        shown.append(f"{len(items) - _MOST} more")
    return joint.join(shown)


def _plain(value: Json) -> str:
    return brief(gist(value), _LONGEST)


def _share(value: Json) -> str:
    return f"{100 * value:.3g} %" if isinstance(value, int | float) else "enough"


def _number(options: Options) -> str:
    words = f"its output states {_plain(options.get('value'))}"
    sizes = [
        f"{_plain(size)}{unit}"
        for size, unit in ((options.get("tolerance"), ""), (options.get("relative"), " of it"))
        if size
    ]
    return words + (f", give or take {' or '.join(sizes)}" if sizes else "")


_MODES: Final = {
    "strict": "it makes exactly these calls, in this order",
    "subsequence": "it makes these calls in this order, others may stand between",
    "any_order": "it makes these calls in any order, others are allowed",
    "subset": "it makes no calls but these",
}


def _trajectory(options: Options) -> str:
    calls = options.get("calls")
    written = calls if isinstance(calls, list) else []
    names = [call.get("tool") for call in written if isinstance(call, dict)]
    words = _MODES.get(str(options.get("mode")), "its calls are as expected")
    joint = " → " if options.get("mode") in ("strict", "subsequence") else ", "
    return f"{words}: {_listed([*names], joint, _plain)}" if names else words


def _limits(options: Options) -> str:
    parts = []
    if options.get("forbidden"):
        parts.append(f"never calls {_listed(options['forbidden'], ' or ', _plain)}")
    if options.get("allowed"):
        parts.append(f"calls nothing but {_listed(options['allowed'], ', ', _plain)}")
    if options.get("max_calls") is not None:
        parts.append(f"makes at most {_plain(options['max_calls'])} calls")
    per_tool = options.get("per_tool")
    if isinstance(per_tool, dict) and per_tool:
        parts += [
            f"calls {_plain(tool)} at most {_plain(most)} times"
            for tool, most in [*per_tool.items()][:_MOST]
        ]
    return "it " + (", and ".join(parts) if parts else "keeps its limits")


def _looks(options: Options) -> str:
    expect = options.get("expect")
    names: list[Json] = [*expect] if isinstance(expect, dict) else []
    return "what it left behind is as expected" + (
        f": {_listed(names, ', ', _plain)}" if names else ""
    )


def _part(value: Json, depth: int) -> str:
    """A grader within another's options: a name, or a name with options."""
    if isinstance(value, dict) and "grader" in value:
        value = value["grader"]
    if isinstance(value, dict) and value:
        name, options = next(iter(value.items()))
        return _words(name, options if isinstance(options, dict) else {}, depth + 1)
    return _words(_plain(value), {}, depth + 1)


def _parts(options: Options, depth: int, joint: str) -> str:
    return _listed(options.get("graders"), joint, lambda part: _part(part, depth))


_NESTED: Final[Mapping[str, Callable[[Options, int], str]]] = {
    "not": lambda options, depth: f"not so: {_part(options.get('grader'), depth)}",
    "all": lambda options, depth: f"all of: {_parts(options, depth, '; ')}",
    "any": lambda options, depth: f"at least one of: {_parts(options, depth, '; or ')}",
    "weighted": lambda options, depth: (
        f"together worth at least {_share(options.get('at_least'))}: {_parts(options, depth, '; ')}"
    ),
}
_PLAIN: Final[Mapping[str, Callable[[Options], str]]] = {
    "completed": lambda _: "it ends by itself: no error, in time",
    "recorded_outcome": lambda _: "the trace's source recorded a success",
    "exact": lambda options: f"its output is exactly {_quoted(options.get('value'))}",
    "contains": lambda options: f"its output contains {_listed(options.get('text'), ' and ')}",
    "not_contains": lambda options: (
        f"its output does not contain {_listed(options.get('text'), ' or ')}"
    ),
    "regex": lambda options: f"its output matches the pattern {_quoted(options.get('pattern'))}",
    "number": _number,
    "similarity": lambda options: (
        f"its output is at least {_share(options.get('at_least'))} similar to "
        f"{_quoted(options.get('text'))}"
    ),
    "bleu": lambda options: (
        f"its output's BLEU is at least {_share(options.get('at_least'))} against "
        f"{_listed(options.get('references'))}"
    ),
    "language": lambda options: (
        f"its output is in the language {_listed(options.get('expected'), ' or ', _plain)}"
    ),
    "refusal": lambda options: (
        "it declines what it was asked"
        if options.get("expected", True)
        else "it does not decline what it was asked"
    ),
    "json_schema": lambda _: "its output satisfies a JSON schema",
    "trajectory": _trajectory,
    "limits": _limits,
    "loop": lambda options: (
        f"it never makes the same call more than {_plain(options.get('limit', 2))} times in a row "
        "for the same reply"
    ),
    "repeated_write": lambda _: "no write succeeds twice",
    "tool_errors": lambda options: (
        f"at most {_plain(options['max'])} of its calls fail"
        if options.get("max")
        else "none of its calls fails"
    ),
    "end_state": _looks,
    "failure_handling": lambda _: "it handles what goes wrong in an acceptable way",
    "rubric": lambda options: (
        f"a judge finds that it meets the rubric {_quoted(options.get('rubric'))}"
    ),
    "pairwise": lambda options: (
        f"a judge finds it no worse than {_quoted(options.get('against'))} "
        f"by the rubric {_quoted(options.get('rubric'))}"
    ),
}
