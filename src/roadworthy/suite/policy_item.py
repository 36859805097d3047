"""A policy rule as people write it, and how a case adds to the rules of its suite.

``{name: small-refunds, severity: medium, arguments: {tool: refund, must: {…}}}``: one key names
the check, and what stands under it are the check's options. In a case, a rule of the same name
takes the place of the suite's, and ``{name: small-refunds, relaxed: why}`` takes it away.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias, get_args

from msgspec.structs import replace
from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from roadworthy.base.codec import Json
from roadworthy.records.grader_spec import GraderSpec

PREFIX: Final = "policy."
Severity: TypeAlias = Literal["high", "medium", "low"]
_SEVERITIES: Final = get_args(Severity)
_OWN: Final = ("name", "severity", "relaxed")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyItem:
    """One rule; `check` is empty where a case relaxes one. `grade` knows the options."""

    name: str
    check: str = ""
    options: Json = None
    severity: Severity = "high"
    relaxed: str | None = None

    @property
    def grader(self) -> str:
        """What its readings are called: ``policy.tools``, ``policy.tools:no-deletes``."""
        label = "" if self.name == self.check else f":{self.name}"
        return f"{PREFIX}{self.check}{label}"

    @property
    def written(self) -> Json:
        """As it stands in a file."""
        if self.relaxed is not None:
            return {"name": self.name, "relaxed": self.relaxed}
        return {"name": self.name, "severity": self.severity, self.check: self.options}


def policy_item(value: object) -> PolicyItem:
    """Read one rule; raises `PydanticCustomError` with what is wrong."""
    if isinstance(value, PolicyItem):
        return value
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise _wrong("write a rule as `check: options`, with a `name` and a `severity`")
    checks = [key for key in value if key not in _OWN]
    relaxed = value.get("relaxed")
    if "relaxed" in value:
        if checks or "severity" in value or "name" not in value:
            raise _wrong("a rule is relaxed by its `name` and the reason alone")
        if not isinstance(relaxed, str) or not relaxed.strip():
            raise _wrong("`relaxed` says in words why the rule does not hold for this case")
        return PolicyItem(name=_name(value, checks), relaxed=relaxed)
    if len(checks) != 1:
        raise _wrong(f"one rule names one check, got {', '.join(map(repr, checks))[:80] or 'none'}")
    severity = value.get("severity", "high")
    if severity not in _SEVERITIES:
        raise _wrong(f"`severity` is one of {', '.join(_SEVERITIES)}")
    return PolicyItem(
        name=_name(value, checks),
        check=checks[0],
        options=value[checks[0]],
        severity=severity,
    )


def _name(value: Mapping[str, object], checks: Sequence[str]) -> str:
    name = value.get("name", checks[0] if checks else "")
    if not isinstance(name, str) or not _PLAIN.fullmatch(name):
        raise _wrong("`name` is letters, digits, dashes and underscores, at most 80")
    return name


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("grader", "{said}", {"said": message})


def policy_specs(
    suite: Sequence[GraderSpec], case: Sequence[GraderSpec], relaxed: Sequence[str], facts: Json
) -> tuple[GraderSpec, ...]:
    """The rules that hold for a case: its own, then the suite's that it neither has nor relaxes.

    `facts` are given to each of them. Other graders pass through as they are.
    """
    gone = {*relaxed, *(name for name in map(rule_of, case) if name is not None)}
    kept = [*case, *(one for one in suite if rule_of(one) not in gone)]
    return tuple(_with_facts(one, facts) for one in kept)


def rule_of(spec: GraderSpec) -> str | None:
    """The rule that a spec comes from; `None` when it is another grader."""
    if not spec.grader.startswith(PREFIX):
        return None
    check, _, label = spec.grader.removeprefix(PREFIX).partition(":")
    return label or check


def _with_facts(spec: GraderSpec, facts: Json) -> GraderSpec:
    if not facts or rule_of(spec) is None:
        return spec
    return replace(spec, options=spec.options | {"facts": facts})


CHECK_TITLE: Final = "PolicyCheckName"  # `schema` finds the places of names by it
_CHECK: Final = {"title": CHECK_TITLE, "type": "string", "minLength": 1}
_NAME: Final = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,80}$"}
_SEVERITY: Final = {"enum": list(_SEVERITIES), "default": "high"}
_SCHEMA: Final = {
    "description": "A policy rule: one check with its options; `low` shows it without failing.",
    "type": "object",
    "minProperties": 1,
    "maxProperties": 3,
    "properties": {
        "name": _NAME,
        "severity": _SEVERITY,
        "relaxed": {"type": "string", "minLength": 1},
    },
    "propertyNames": {"anyOf": [{"enum": list(_OWN)}, _CHECK]},
}


def _written(item: PolicyItem) -> Json:
    return item.written


PolicyRule: TypeAlias = Annotated[
    PolicyItem,
    PlainValidator(policy_item),
    PlainSerializer(_written),
    WithJsonSchema(_SCHEMA),
]
"""An item of `policy`."""
