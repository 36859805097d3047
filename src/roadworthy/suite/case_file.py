"""A case as people write it: ``evals/<suite>/cases/<id>.yaml``. The file's stem is its id.

Not here: reading it (`load`), drafting one from a trace (`mint`), changing one (`edit`).
"""

from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, JsonValue, Tag

from roadworthy.records.case import Divergent, Kind
from roadworthy.suite.end_state_item import EndStateItem
from roadworthy.suite.expectations import Expectations
from roadworthy.suite.grader_item import AnyGrader
from roadworthy.suite.policy_item import PolicyRule
from roadworthy.suite.strict_model import StrictModel

MAX_REPEATS = 1000

Text = Annotated[str, Field(min_length=1)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Repeats = Annotated[int, Field(ge=1, le=MAX_REPEATS)]
AnyKind = Annotated[Kind, Field(strict=False)]
Count = Annotated[int, Field(ge=0)]


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a day, like 2026-12-24") from None
    return text


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_day)]


class InputMessage(StrictModel):
    """One message of the conversation that the agent is given."""

    role: Literal["user", "assistant", "system", "tool"]
    """Who speaks."""
    content: str
    """What is said."""


def _input_kind(value: object) -> str:
    match value:
        case str():
            return "message"
        case list():
            return "conversation"
        case dict():
            return "json"
        case _:
            return "neither"


Input: TypeAlias = Annotated[
    Annotated[Text, Tag("message")]
    | Annotated[list[InputMessage], Field(min_length=1), Tag("conversation")]
    | Annotated[dict[str, JsonValue], Tag("json")],
    Discriminator(_input_kind),
]


class Origin(StrictModel):
    """Where a minted case comes from."""

    trace: Text
    """Id of the trace."""
    source: Text
    """Format or system that the trace came from, e.g. `tau2-bench`."""
    minted_at: Text
    """When the case was drafted, RFC 3339."""
    position: str | None = None
    """Where in its source the trace stood, e.g. `record 17`."""
    finding: str | None = None
    """Id of the finding that led to the case."""
    messages: Annotated[int, Field(ge=0)] | None = None
    """Context depth: how many messages the conversation in production had."""


class ProofRunEntry(StrictModel):
    """One side of a proof."""

    run: Text
    """Id of the run."""
    target: Text
    """Name of the target."""
    version: str
    """Version of the agent."""
    digest: str
    """Digest of the target's fingerprint."""
    passed: Annotated[int, Field(ge=0)] = 0
    """Trials that passed."""
    measured: Annotated[int, Field(ge=0)] = 0
    """Trials that could be measured."""


class ProofEntry(StrictModel):
    """Shown by `case verify`: red on the version that failed, green on the fix."""

    red: ProofRunEntry
    """The run on the failing version."""
    green: ProofRunEntry
    """The run on the fixed version."""
    proved_at: Text
    """When, RFC 3339."""
    case: str = ""
    """Digest of what the case asked and expected then; empty: not written down."""


class EvidenceEntry(StrictModel):
    """What a change rests on."""

    rule: Text
    """The rule that was met: `reliable`, `flaky` or `proof`."""
    runs: Count
    """Runs that were counted."""
    versions: Count
    """Versions of the agent among them."""
    passed: Count
    """Trials that passed."""
    failed: Count
    """Trials that failed."""
    unmeasured: Count = 0
    """Trials without a verdict."""
    first_run: str = ""
    """The oldest run counted."""
    last_run: str = ""
    """The newest run counted."""
    e_value: Annotated[float, Field(ge=0)] | None = None
    """How strongly the counts speak for the rule; 20 is enough."""


class QuarantineEntry(StrictModel):
    """Who looks after a case that was set aside, and until when."""

    owner: Text
    """Who sees to it."""
    until: Day
    """The day by which it is looked at again, like `2026-12-24`; then it is overdue."""
    why: Text
    """The reason."""


class HistoryEntry(StrictModel):
    """One change in the case's life."""

    at: Text
    """When, RFC 3339."""
    change: Text
    """What changed, e.g. `candidate -> regression`."""
    why: Text
    """The reason, for whoever asks later."""
    by: str = ""
    """The command that made the change, or who did."""
    evidence: EvidenceEntry | None = None
    """The runs and counts that a rule was met by."""


class VariantEntry(StrictModel):
    """How a messy variant was made; written by `case messy`."""

    ops: Annotated[list[Text], Field(min_length=1)]
    """Names of the operators, in order."""
    seed: int = 0
    """Seed of the chance in them."""
    intensity: Literal["light", "medium", "heavy"] = "medium"
    """How much messier."""
    version: Annotated[int, Field(ge=1)]
    """Version of the operators."""
    model: str | None = None
    """Model that paraphrased, if one did."""
    of: Text
    """Digest of what the parent asked and expected then."""
    seal: Text
    """Digest of this file as it was made: tells whether a person changed it since."""


class CaseFile(StrictModel):
    """One thing that the agent must do, and how to tell whether it did."""

    title: str = ""
    """What the case is about, in one line."""
    kind: AnyKind = Kind.CAPABILITY
    """`candidate`: drafted, not proved. `capability`: may fail, is tracked. `regression`: must
    pass, gates. `quarantined`: flaky, shown. `retired`: not run."""
    tier: Text = "standard"
    """The suite's tier whose threshold counts."""
    input: Input
    """What the agent is given: a message, a list of messages, or a mapping (JSON)."""
    expect: Expectations = Expectations()
    """What must hold for a trial to pass."""
    graders: list[AnyGrader] = []
    """Further graders, e.g. `loop` or `{similarity: {...}, required: false}`."""
    policy: list[PolicyRule] = []
    """Rules beside the suite's; one of the same name takes its place, `{name, relaxed: why}` takes
    it away."""
    facts: dict[str, JsonValue] = {}
    """What holds for this case, for rules to ask for by `$fact`: a role, a user id, a planted
    text."""
    end_state: list[EndStateItem] = []
    """Looks at what the agent left after a trial, beside the suite's: a query, a file, a request,
    a check in Python."""
    recording: Text | None = None
    """Recorded tool replies, relative to the suite's folder: `recordings/<id>.jsonl`."""
    on_divergence: Divergent | None = None
    """What a tool call that the recording does not hold makes of the trial."""
    timeout_s: Seconds | None = None
    """Seconds that one trial may take; default: the suite's."""
    repeats: Repeats | None = None
    """Trials per run; default: the suite's."""
    category: str | None = None
    """Failure category, e.g. `tool misuse`."""
    difficulty: str | None = None
    """For example `easy` or `hard`."""
    tags: list[Text] = []
    """Free words to group cases by."""
    parent: Text | None = None
    """Id of the case that this is a messy variant of."""
    variant: VariantEntry | None = None
    """How the variant was made; written by `case messy`."""
    origin: Origin | None = None
    """Where the case was minted from."""
    proof: ProofEntry | None = None
    """Written by `case verify`."""
    quarantine: QuarantineEntry | None = None
    """Who looks after a quarantined case, and until when; written by `case quarantine`."""
    history: list[HistoryEntry] = []
    """Changes of kind, oldest first."""

    @property
    def expects_anything(self) -> bool:
        """Whether the case itself asks for more than that the agent finishes."""
        expect = self.expect
        named = any(item.name != "completed" for item in (*expect.output, *self.graders))
        looked = any(item.expects for item in self.end_state)
        looked = looked or any(item.relaxed is None for item in self.policy)
        return named or looked or expect.trajectory is not None or expect.limits is not None
